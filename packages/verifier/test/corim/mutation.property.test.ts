import { encodeCbor } from '@mica/policy/cbor'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CorimOptions, readCorim } from '../../src/corim/read.ts'
import { readEndorsements } from '../../src/endorsements/read.ts'
import { platformCorim, realmCorim, SIGNER, signedCorim } from './corims.ts'

/** A byte taken out, put in or changed, at any place. */
const mutation = (bytes: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(2)).map(([at, value, kind]) => {
    const [before, after] = [bytes.slice(0, at), bytes.slice(at + 1)]
    if (kind === 0) return Uint8Array.of(...before, ...after)
    return Uint8Array.of(...before, kind === 1 ? bytes[at]! ^ value : value, ...(kind === 1 ? after : bytes.slice(at)))
  })

const outcome = (bytes: Uint8Array, options: CorimOptions = {}): string => readCorim(bytes, options).kind

describe.each([
  { name: 'a platform', bytes: platformCorim() },
  { name: 'a Realm', bytes: realmCorim() },
])('a manifest of $name', ({ bytes }) => {
  test('is read as it is', () => {
    expect(outcome(bytes)).toBe('read')
  })

  test('is read or refused with any bytes changed, and never throws', () => {
    fc.assert(
      fc.property(mutation(bytes).chain(mutation), (mutant) => {
        expect(['read', 'refused']).toContain(outcome(mutant))
      }),
      { numRuns: 1500 },
    )
  })

  test('is refused with any byte changed once it is signed', () => {
    const signed = signedCorim(bytes)
    const options = { signers: { keys: [SIGNER] } }
    expect(outcome(signed, options)).toBe('read')
    fc.assert(
      fc.property(mutation(signed), (mutant) => {
        expect(outcome(mutant, options)).toBe('refused')
      }),
      { numRuns: 400 },
    )
  })
})

test('no bytes at all make reading throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const prefix of [[], [0xd9, 0x01, 0xf5], [0xd2, 0x84], [0xa3], [0x7b], [0x5b]])
        expect(['read', 'refused']).toContain(readEndorsements(Uint8Array.of(...prefix, ...bytes)).kind)
    }),
    { numRuns: 500 },
  )
})

test('deep nesting and great lengths are refused, not followed', () => {
  const nested = Uint8Array.of(0xd9, 0x01, 0xf5, ...new Uint8Array(100_000).fill(0x9f))
  expect(readCorim(nested)).toEqual({ kind: 'refused', reason: 'endorsements: too-deep at byte 34' })
  const long = Uint8Array.of(0xd9, 0x01, 0xf5, 0xbb, ...new Uint8Array(8).fill(0xff))
  expect(readCorim(long)).toMatchObject({ kind: 'refused' })
  expect(readCorim(encodeCbor(new Uint8Array(1_048_576)))).toEqual({
    kind: 'refused',
    reason: '1048581 bytes are more than the limit of 1048576',
  })
})
