import { type CborValue, decodeCbor, encodeCbor } from '@mica/policy/cbor'
import * as cbor2 from 'cbor2'
import * as cborg from 'cborg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cborValue } from '../arbitraries.ts'

/** Encodings with some bytes changed, and bytes at random: about a third of either is well-formed. */
const input = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 10 }),
  fc
    .tuple(cborValue, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 2 }))
    .map(([value, changes]) => {
      const bytes = encodeCbor(value)
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      return bytes
    }),
)

/** The value that an oracle finds; `refused` if it throws, or if the value is none that this project has. */
function attempt(decode: () => unknown): { readonly value: CborValue } | 'refused' {
  try {
    return { value: inModel(decode()) }
  } catch {
    return 'refused'
  }
}

/** An oracle's value in our form. Throws on what does not exist here: floats, undefined, keys but integers and text. */
function inModel(value: unknown): CborValue {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'bigint')
    return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value
  if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)) return value
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (value instanceof cbor2.Tag) return { tag: Number(value.tag), value: inModel(value.contents) }
  if (Array.isArray(value)) return value.map(inModel)
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [keyInModel(key), inModel(item)]))
  throw new TypeError('not in the model')
}

function keyInModel(key: unknown): number | bigint | string {
  const value = inModel(key)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string') return value
  throw new TypeError('not a key')
}

const STRICT_CBOR2 = { ...cbor2.cdeDecodeOptions, preferMap: true, ignoreGlobalTags: true, tags: new Map() } as const
const LENIENT_CBOR2 = { preferMap: true, ignoreGlobalTags: true, tags: new Map() } as const
const byCbor2 = (bytes: Uint8Array, options: object = STRICT_CBOR2) => attempt(() => cbor2.decode(bytes, options))
const STRICT_CBORG = { strict: true, allowIndefinite: false, rejectDuplicateMapKeys: true, useMaps: true } as const
const byCborg = (bytes: Uint8Array, options: object = STRICT_CBORG) => attempt(() => cborg.decode(bytes, options))

/** Whether cborg has the value at all: it knows no tag that it was not told of, and no integer below -2^63. */
function knownToCborg(value: CborValue): boolean {
  if (typeof value === 'bigint') return value >= -(1n << 63n)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true
  if (Array.isArray(value)) return value.every(knownToCborg)
  return value instanceof Map && [...value].every(([key, item]) => knownToCborg(key) && knownToCborg(item))
}

describe('against cborg and cbor2, this decoder', () => {
  test('decodes equally whatever both accept in deterministic form', () => {
    let compared = 0
    fc.assert(
      fc.property(input, (bytes) => {
        const [one, other] = [byCbor2(bytes), byCborg(bytes)]
        if (one === 'refused' || other === 'refused') return
        // Neither of them checks all that deterministic form asks: theirs is what encodes to these bytes again.
        if (Buffer.compare(encodeCbor(one.value), bytes) !== 0) return
        compared++
        expect(one.value).toEqual(other.value)
        expect(decodeCbor(bytes, { deterministic: true })).toEqual({ kind: 'value', value: one.value })
      }),
      { numRuns: 2000 },
    )
    expect(compared).toBeGreaterThan(200)
  })

  test('accepts nothing that either refuses, and finds the value that both find', () => {
    let compared = 0
    fc.assert(
      fc.property(input, fc.boolean(), (bytes, deterministic) => {
        const ours = decodeCbor(bytes, { deterministic })
        if (ours.kind === 'malformed') return
        compared++
        expect(byCbor2(bytes, deterministic ? STRICT_CBOR2 : LENIENT_CBOR2)).toEqual({ value: ours.value })
        if (!knownToCborg(ours.value)) return
        expect(byCborg(bytes, deterministic ? STRICT_CBORG : { useMaps: true })).toEqual({ value: ours.value })
      }),
      { numRuns: 2000 },
    )
    expect(compared).toBeGreaterThan(400)
  })
})
