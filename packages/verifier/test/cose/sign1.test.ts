import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import { encode as cborgEncode } from 'cborg'
import { describe, expect, test } from 'vitest'
import { decodeSign1, signedBytes } from '../../src/cose/sign1.ts'

const payload = Uint8Array.of(1, 2, 3)
const signature = new Uint8Array(96)

type Headers = ReadonlyMap<number | string, CborValue>
const message = (
  protectedHeader: Headers | Uint8Array,
  unprotected: CborValue = new Map(),
  rest: readonly CborValue[] = [payload, signature],
) => {
  const bytes = protectedHeader instanceof Uint8Array ? protectedHeader : encodeCbor(protectedHeader)
  return encodeCbor({ tag: 18, value: [bytes, unprotected, ...rest] })
}
const reason = (bytes: Uint8Array): string => {
  const decoding = decodeSign1(bytes)
  return decoding.kind === 'sign1' ? 'accepted' : decoding.reason
}
const headers = (...entries: [number | string, CborValue][]): Headers => new Map(entries)

describe('a COSE_Sign1', () => {
  test('is accepted with its algorithm in the protected header alone', () => {
    expect(reason(message(headers([1, -35])))).toBe('accepted')
    expect(reason(message(headers([1, -35], [4, payload]), headers([33, payload])))).toBe('accepted')
  })

  test('is refused with alg anywhere else, in both places, absent or unknown', () => {
    expect(reason(message(new Uint8Array(), headers([1, -35])))).toBe('alg stands in the unprotected header')
    expect(reason(message(headers([1, -35]), headers([1, -35])))).toBe('alg stands in the unprotected header')
    expect(reason(message(new Uint8Array()))).toBe('the protected header names no algorithm')
    expect(reason(message(headers([1, -8])))).toBe('the algorithm is not ES256, ES384 or ES512')
    expect(reason(message(headers([1, 'ES384'])))).toBe('the algorithm is not ES256, ES384 or ES512')
  })

  test('is refused when crit names what is not understood or not there, is empty, or is unprotected', () => {
    expect(reason(message(headers([1, -35], [2, [4]], [4, payload])))).toBe('accepted')
    expect(reason(message(headers([1, -35], [2, [99]], [99, 0])))).toBe('crit names a parameter that is not understood')
    expect(reason(message(headers([1, -35], [2, [4]])))).toBe('crit names a parameter that is absent')
    expect(reason(message(headers([1, -35], [2, []])))).toBe('crit is not a list of parameters')
    expect(reason(message(headers([1, -35]), headers([2, [4]])))).toBe('crit stands in the unprotected header')
  })

  test('is refused with a parameter in both headers', () => {
    expect(reason(message(headers([1, -35], [4, payload]), headers([4, payload])))).toBe(
      'a parameter stands in both headers',
    )
  })

  test('is refused without tag 18, with another, or with another shape', () => {
    const parts: CborValue = [encodeCbor(headers([1, -35])), new Map(), payload, signature]
    expect(reason(encodeCbor(parts))).toBe('tag 18 is missing')
    expect(reason(encodeCbor({ tag: 98, value: parts }))).toBe('tag 18 is missing')
    expect(reason(message(headers([1, -35]), new Map(), [payload]))).toBe('not an array of four')
    expect(reason(message(headers([1, -35]), [], [payload, signature]))).toBe('the unprotected header is not a map')
    expect(reason(message(headers([1, -35]), new Map(), [null, signature]))).toBe('the payload is detached')
    expect(reason(message(headers([1, -35]), new Map(), [payload, 'signature']))).toBe(
      'the signature is not a byte string',
    )
  })

  test('is signed over the protected header as it was received, not as it would be encoded again', () => {
    const wide = Uint8Array.of(0xa1, 0x18, 0x01, 0x38, 0x22)
    const decoding = decodeSign1(message(wide))
    expect(decoding.kind === 'sign1' && signedBytes(decoding.sign1)).toEqual(
      cborgEncode(['Signature1', wide, new Uint8Array(), payload]),
    )
  })
})

test('what is signed is what an encoder makes of it, for messages of every width of length', () => {
  for (const length of [0, 1, 23, 24, 255, 256, 65_535, 65_536]) {
    const sign1 = {
      algorithm: 'ES384',
      protectedBytes: Uint8Array.of(0xa0),
      payload: new Uint8Array(length),
      signature,
    } as const
    const encoded = encodeCbor(['Signature1', sign1.protectedBytes, new Uint8Array(), sign1.payload])
    expect(Buffer.compare(signedBytes(sign1), encoded)).toBe(0)
  }
})

test('truncated anywhere, a message is refused and nothing throws', () => {
  const bytes = message(headers([1, -35]))
  for (let length = 0; length < bytes.length; length++)
    expect(decodeSign1(bytes.slice(0, length)).kind).not.toBe('sign1')
})
