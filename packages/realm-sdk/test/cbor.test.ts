import { cbor } from '@mica/realm-sdk'
import fc from 'fast-check'
import { expect, test } from 'vitest'

test('what is encoded comes back, in memory of its own', () => {
  const message = { frame: 7, jpeg: Uint8Array.of(1, 2, 3), regions: [{ x: 1.5 }, null, true], text: 'é' }
  const first = cbor.encode(message)
  const kept = first.slice()
  cbor.encode({ other: new Uint8Array(100).fill(9) })
  expect(first).toEqual(kept)
  const decoded = cbor.decode(first)
  expect(first).toEqual(kept)
  first.fill(0)
  expect(decoded).toEqual({ value: message })
})

test('no bytes make the codec throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const decoded = cbor.decode(bytes)
      if (decoded !== undefined) expect(decoded).toHaveProperty('value')
    }),
    { numRuns: 500 },
  )
  expect(cbor.decode(new Uint8Array(200_000).fill(0x81))).toBeUndefined()
})
