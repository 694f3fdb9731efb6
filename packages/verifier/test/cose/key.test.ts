import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import { expect, test } from 'vitest'
import { decodeRealmAttestationKey, decodeX25519Key, keyFromJwk } from '../../src/cose/key.ts'
import { CPAK_P384 } from '../published-vectors.ts'

const { x, y } = keyFromJwk(CPAK_P384)!
const coseKey = (entries: readonly [number, CborValue][]): Uint8Array => encodeCbor(new Map(entries))
const good: [number, CborValue][] = [
  [1, 2],
  [-1, 2],
  [-2, x],
  [-3, y],
]
const kind = (bytes: Uint8Array): string => decodeRealmAttestationKey(bytes).kind

test('a Realm attestation key is read as a raw point or as a COSE_Key, by its content', () => {
  expect(decodeRealmAttestationKey(Uint8Array.of(4, ...x, ...y))).toMatchObject({
    form: 'raw',
    key: { curve: 'P-384', x, y },
  })
  expect(decodeRealmAttestationKey(coseKey(good))).toMatchObject({ form: 'cose-key', key: { curve: 'P-384', x, y } })
  expect(kind(coseKey([...good, [2, x], [3, -35]]))).toBe('key')
})

test('a key of another type, curve, algorithm or size is refused, and so are compressed points and trailing bytes', () => {
  for (const [label, value] of [
    [1, 1],
    [-1, 8],
    [3, -7],
    [-2, x.slice(1)],
    [-3, true],
  ] as const) {
    expect(kind(encodeCbor(new Map<number, CborValue>([...good, [label, value]])))).toBe('refused')
  }
  expect(kind(Uint8Array.of(4, ...x, ...y.slice(1)))).toBe('refused')
  expect(kind(Uint8Array.of(...coseKey(good), 0))).toBe('refused')
  expect(kind(new Uint8Array())).toBe('refused')
})

test('a JWK is read only with full-length coordinates of a known curve', () => {
  expect(keyFromJwk({ ...CPAK_P384, crv: 'P-256' })).toBeUndefined()
  expect(keyFromJwk({ ...CPAK_P384, crv: 'secp256k1' })).toBeUndefined()
  expect(keyFromJwk({ ...CPAK_P384, x: `${CPAK_P384.x}=` })).toBeUndefined()
  expect(keyFromJwk({ ...CPAK_P384, x: '' })).toBeUndefined()
})

test('a recipient key has exactly one encoding', () => {
  const point = new Uint8Array(32).fill(9)
  const encoding = coseKey([
    [1, 1],
    [-1, 4],
    [-2, point],
  ])
  expect(decodeX25519Key(encoding)).toEqual(point)
  expect(
    decodeX25519Key(
      coseKey([
        [1, 1],
        [-1, 4],
        [-2, point],
        [2, point],
      ]),
    ),
  ).toBeUndefined()
  expect(
    decodeX25519Key(
      coseKey([
        [1, 1],
        [-1, 4],
        [-2, point.slice(1)],
      ]),
    ),
  ).toBeUndefined()
  expect(decodeX25519Key(Uint8Array.of(...encoding, 0))).toBeUndefined()
  const unsorted = Uint8Array.of(0xa3, 0x20, 0x04, 0x01, 0x01, ...encoding.slice(5))
  expect(decodeX25519Key(unsorted)).toBeUndefined()
})
