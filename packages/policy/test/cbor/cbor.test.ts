import {
  type CborValue,
  decodeCbor,
  decodeUtf8,
  encodeCbor,
  encodeCborInGivenOrder,
  encodeUtf8,
} from '@mica/policy/cbor'
import * as cbor2 from 'cbor2'
import * as cborg from 'cborg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cborValue } from '../arbitraries.ts'

const strict = { deterministic: true } as const
const lenient = { deterministic: false } as const
const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function reason(hex: string, options = strict as { deterministic: boolean }): string {
  const decoded = decodeCbor(fromHex(hex), options)
  return decoded.kind === 'malformed' ? `${decoded.reason}@${decoded.offset}` : 'value'
}

describe('the encoder', () => {
  test('writes the examples of RFC 8949 appendix A', () => {
    const examples: [CborValue, string][] = [
      [0, '00'],
      [23, '17'],
      [24, '1818'],
      [1000, '1903e8'],
      [1_000_000, '1a000f4240'],
      [1_000_000_000_000, '1b000000e8d4a51000'],
      [18446744073709551615n, '1bffffffffffffffff'],
      [-18446744073709551616n, '3bffffffffffffffff'],
      [-1, '20'],
      [-1000, '3903e7'],
      [false, 'f4'],
      [true, 'f5'],
      [null, 'f6'],
      [{ tag: 1, value: 1363896240 }, 'c11a514b67b0'],
      [fromHex('01020304'), '4401020304'],
      ['水', '63e6b0b4'],
      ['\u{10151}', '64f0908591'],
      [[1, [2, 3]], '8201820203'],
      [
        new Map<string, CborValue>([
          ['a', 1],
          ['b', [2, 3]],
        ]),
        'a26161016162820203',
      ],
    ]
    for (const [value, hex] of examples) expect(toHex(encodeCbor(value))).toBe(hex)
  })

  test('sorts keys by their encoded bytes, as section 4.2.1 does in its example', () => {
    const keys = ['aa', 100, -1, 'z', 10]
    const map = new Map<string | number, CborValue>(keys.map((key) => [key, 0]))
    expect(toHex(encodeCbor(map))).toBe('a50a0018640020006' + '17a006261610' + '0')
  })

  test('keeps the order of keys, at every depth, where it is told to; a key is still there once', () => {
    const inner = new Map([
      [5, 0],
      [2, 0],
    ])
    const map = new Map<number, CborValue>([
      [265, [inner]],
      [10, 1],
    ])
    expect(toHex(encodeCborInGivenOrder(map))).toBe('a2190109' + '81a205000200' + '0a01')
    expect(toHex(encodeCbor(map))).toBe('a20a01' + '190109' + '81a202000500')
    const twice = new Map<number | bigint, CborValue>([
      [1, 0],
      [2, 0],
      [1n, 0],
    ])
    expect(() => encodeCborInGivenOrder(twice)).toThrow(/twice/)
  })

  test('refuses what has no encoding: only our own mistake can bring it', () => {
    for (const value of [0.5, Number.NaN, 2 ** 53, 1n << 64n, -(1n << 64n) - 1n, '\ud800']) {
      expect(() => encodeCbor(value)).toThrow(TypeError)
    }
    expect(() =>
      encodeCbor(
        new Map<number | bigint, CborValue>([
          [1, 0],
          [1n, 0],
        ]),
      ),
    ).toThrow(/twice/)
  })

  test('agrees with cborg and cbor2 in their deterministic modes', () => {
    fc.assert(
      fc.property(cborValue, (value) => {
        const hex = toHex(encodeCbor(value))
        expect(toHex(cbor2.encode(forCbor2(value), cbor2.cdeEncodeOptions))).toBe(hex)
        const plain = forCborg(value)
        if (plain !== undefined) {
          expect(toHex(cborg.encode(plain, cborg.rfc8949EncodeOptions))).toBe(hex)
        }
      }),
      { numRuns: 150 },
    )
  })
})

describe('the decoder', () => {
  test('gives back every value that was encoded', () => {
    fc.assert(
      fc.property(cborValue, (value) => {
        expect(decodeCbor(encodeCbor(value), strict)).toEqual({ kind: 'value', value })
      }),
    )
  })

  test.each([
    ['nothing', '', 'truncated@0'],
    ['a head cut short', '19 01', 'truncated@2'],
    ['content cut short', '43 0102', 'truncated@3'],
    ['a count beyond the input', '9b 7fffffffffffffff', 'truncated@9'],
    ['a map count beyond the input', 'bb 7fffffffffffffff 00', 'truncated@10'],
    ['a byte too many', '00 00', 'trailing-bytes@1'],
    ['an indefinite array', '9f 00 ff', 'indefinite-length@0'],
    ['an indefinite byte string', '5f 41 00 ff', 'indefinite-length@0'],
    ['a lone break', 'ff', 'indefinite-length@0'],
    ['reserved additional information', '1c', 'reserved-head@0'],
    ['a half float', 'f9 3c00', 'unsupported-simple@0'],
    ['a double', 'fb 3ff0000000000000', 'unsupported-simple@0'],
    ['undefined', 'f7', 'unsupported-simple@0'],
    ['a two-byte simple value', 'f8 20', 'unsupported-simple@0'],
    ['text that is not UTF-8', '61 ff', 'invalid-utf8@0'],
    ['text with a surrogate', '63 eda080', 'invalid-utf8@0'],
    ['overlong text', '62 c080', 'invalid-utf8@0'],
    ['a byte string as key', 'a1 41 00 00', 'unsupported-key@1'],
    ['a key twice', 'a2 01 00 01 00', 'duplicate-key@3'],
    ['a tag that no double holds', 'db ffffffffffffffff 00', 'reserved-head@0'],
  ])('refuses %s in either mode', (_, hex, expected) => {
    expect(reason(hex)).toBe(expected)
    expect(reason(hex, lenient)).toBe(expected)
  })

  test.each([
    ['a wide integer', '18 17', 'not-shortest-form@0'],
    ['a wide length', '58 01 00', 'not-shortest-form@0'],
    ['a wide 64-bit integer', '1b 00000000ffffffff', 'not-shortest-form@0'],
    ['unsorted keys', 'a2 02 00 01 00', 'unsorted-keys@3'],
  ])('refuses %s only where the encoding has to be deterministic', (_, hex, expected) => {
    expect(reason(hex)).toBe(expected)
    expect(reason(hex, lenient)).toBe('value')
  })

  test('finds a key repeated in another width', () => {
    expect(reason('a2 01 00 190001 00', lenient)).toBe('duplicate-key@3')
    expect(reason('a2 6161 00 780161 00', lenient)).toBe('duplicate-key@4')
  })

  test('nests to its limit and no deeper, however deep the input', () => {
    const nested = (depth: number): Uint8Array => new Uint8Array(depth + 1).fill(0x81, 0, depth)
    expect(decodeCbor(nested(64), strict).kind).toBe('value')
    expect(decodeCbor(nested(65), strict)).toEqual({ kind: 'malformed', reason: 'too-deep', offset: 64 })
    expect(decodeCbor(nested(1_000_000), { ...strict, maxDepth: 1e9 })).toMatchObject({ reason: 'too-deep' })
    expect(decodeCbor(new Uint8Array(100_000).fill(0xc1), strict)).toMatchObject({ reason: 'too-deep' })
  })

  test('counts items', () => {
    expect(decodeCbor(fromHex('83000000'), { ...strict, maxItems: 3 })).toMatchObject({ reason: 'too-many-items' })
    expect(decodeCbor(fromHex('83000000'), { ...strict, maxItems: 4 }).kind).toBe('value')
  })

  test('copies byte strings', () => {
    const bytes = fromHex('4101')
    const decoded = decodeCbor(bytes, strict)
    bytes[1] = 2
    expect(decoded).toEqual({ kind: 'value', value: Uint8Array.of(1) })
  })

  test('never throws, and what it accepts as deterministic is what the encoder writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
        const decoded = decodeCbor(bytes, strict)
        if (decoded.kind === 'value') expect(encodeCbor(decoded.value)).toEqual(bytes)
      }),
      { numRuns: 2000 },
    )
  })

  test('one changed byte of an encoding is refused or encodes to the changed bytes', () => {
    fc.assert(
      fc.property(cborValue, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, change) => {
        const bytes = encodeCbor(value)
        bytes[at % bytes.length]! ^= change
        const decoded = decodeCbor(bytes, strict)
        if (decoded.kind === 'value') expect(encodeCbor(decoded.value)).toEqual(bytes)
        expect(() => decodeCbor(bytes, lenient)).not.toThrow()
      }),
      { numRuns: 500 },
    )
  })
})

test('UTF-8 is what TextEncoder and a fatal TextDecoder say it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text))
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
      let expected: string | undefined
      try {
        expected = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
      } catch {}
      expect(decodeUtf8(bytes)).toBe(expected)
    }),
    { numRuns: 2000 },
  )
})

/** The same value in cbor2's own classes. */
function forCbor2(value: CborValue): unknown {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(forCbor2)
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, forCbor2(item)]))
  const tagged = value as { tag: number; value: CborValue }
  return new cbor2.Tag(tagged.tag, forCbor2(tagged.value))
}

/** The same value as cborg takes it, or `undefined` where it has no such value (tags, negative numbers below -2^63). */
function forCborg(value: CborValue): unknown {
  if (typeof value === 'bigint') return value < -(1n << 63n) ? undefined : value
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value
  if (Array.isArray(value)) {
    const items = value.map(forCborg)
    return items.includes(undefined) ? undefined : items
  }
  if (!(value instanceof Map)) return undefined
  const entries = [...value].map(([key, item]) => [forCborg(key), forCborg(item)] as const)
  return entries.some((entry) => entry.includes(undefined)) ? undefined : new Map(entries)
}

describe('lengths that are not said', () => {
  const open = { deterministic: false, indefinite: true } as const
  const value = (hex: string): CborValue => {
    const decoded = decodeCbor(fromHex(hex), open)
    return decoded.kind === 'value' ? decoded.value : expect.fail(decoded.reason)
  }

  test('are read of arrays and maps where they are asked for, and give the same values', () => {
    expect(value('9f ff')).toEqual([])
    expect(value('9f 01 9f 02 ff 82 03 04 ff')).toEqual([1, [2], [3, 4]])
    expect(value('bf 01 bf ff 61 61 9f ff ff')).toEqual(
      new Map<number | string, CborValue>([
        [1, new Map()],
        ['a', []],
      ]),
    )
  })

  test.each([
    ['an array without end', '9f 01', 'truncated@2'],
    ['a map that ends after a key', 'bf 01 ff', 'indefinite-length@2'],
    ['a key twice', 'bf 01 02 01 03 ff', 'duplicate-key@3'],
    ['an end that nothing began', '82 01 ff', 'indefinite-length@2'],
    ['a byte after the end', '9f ff 00', 'trailing-bytes@2'],
    ['a byte string in pieces', '5f 41 00 ff', 'indefinite-length@0'],
    ['a text in pieces', '7f 61 61 ff', 'indefinite-length@0'],
    ['a tag of no length', 'df', 'indefinite-length@0'],
  ])('%s is refused', (_, hex, expected) => {
    expect(reason(hex, open)).toBe(expected)
  })

  test('are never deterministic, and count towards depth and items', () => {
    expect(reason('9f ff', { deterministic: true, indefinite: true } as never)).toBe('indefinite-length@0')
    expect(reason('9f'.repeat(100), open)).toBe('too-deep@64')
    expect(decodeCbor(fromHex('9f 01 01 01 ff'), { ...open, maxItems: 3 })).toMatchObject({ reason: 'too-many-items' })
  })
})
