import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import { decode as cbor2Decode, Tag } from 'cbor2'
import { decode as cborgDecode } from 'cborg'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeSign1 } from '../../src/cose/sign1.ts'

/** What RFC 9052 calls a COSE_Sign1, as another decoder finds it. */
interface Message {
  readonly protectedBytes: Uint8Array
  readonly header: ReadonlyMap<unknown, unknown>
  readonly unprotected: ReadonlyMap<unknown, unknown>
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

type Decode = (bytes: Uint8Array) => unknown
const byCbor2: Decode = (bytes) =>
  cbor2Decode(bytes, { preferMap: true, rejectStreaming: true, rejectDuplicateKeys: true, ignoreGlobalTags: true })
const tags = { 18: (content: () => unknown) => new Tag(18, content()) }
const byCborg: Decode = (bytes) =>
  cborgDecode(bytes, { useMaps: true, allowIndefinite: false, rejectDuplicateMapKeys: true, tags })

/** The message that a decoder finds in `bytes`; `undefined` if there is none, or anything throws. */
function messageBy(decode: Decode, bytes: Uint8Array): Message | undefined {
  try {
    const tagged = decode(bytes)
    if (!(tagged instanceof Tag) || Number(tagged.tag) !== 18 || !Array.isArray(tagged.contents)) return undefined
    const [protectedBytes, unprotected, payload, signature, ...more]: unknown[] = tagged.contents
    const areBytes = [protectedBytes, payload, signature].every((part) => part instanceof Uint8Array)
    if (!areBytes || !(unprotected instanceof Map) || more.length > 0) return undefined
    const encoded = protectedBytes as Uint8Array
    const header = encoded.length === 0 ? new Map() : decode(encoded)
    if (!(header instanceof Map)) return undefined
    return {
      protectedBytes: encoded,
      header,
      unprotected,
      payload: payload as Uint8Array,
      signature: signature as Uint8Array,
    }
  } catch {
    return undefined
  }
}

/** Whether its headers are such as a message may have here; of `crit` only that there is none is asked. */
function isAcceptable({ header, unprotected }: Message): boolean {
  const twice = [...header.keys()].some((label) => unprotected.has(label))
  return [-7, -35, -36].includes(Number(header.get(1))) && !unprotected.has(1) && !unprotected.has(2) && !twice
}

/** Whether a tag stands anywhere in the headers of a message. */
function hasTags(value: unknown): boolean {
  if (value instanceof Map) return [...value].some(hasTags)
  if (Array.isArray(value)) return value.some(hasTags)
  if (value instanceof Tag) return true
  return typeof value === 'object' && value !== null && 'header' in value && Object.values(value).some(hasTags)
}

const label = fc.constantFrom<number | string>(1, 3, 4, 33, -7, 'x')
const value = fc.oneof(fc.constantFrom<CborValue>(-7, -35, -36, -8, 0, 'ES384', null), fc.uint8Array({ maxLength: 3 }))
const headers = fc.array(fc.tuple(label, value), { maxLength: 3 }).map((entries) => new Map(entries))
const part = fc.uint8Array({ maxLength: 8 })

/** Messages of which most are right but for a header, and those with bytes changed. */
const input = fc
  .tuple(
    headers,
    headers,
    part,
    part,
    fc.boolean(),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 2 }),
  )
  .map(([protectedHeader, unprotected, payload, signature, right, changes]) => {
    const header = right ? new Map([...protectedHeader, [1, -35] as const]) : protectedHeader
    if (right) unprotected.delete(1)
    const bytes = encodeCbor({ tag: 18, value: [encodeCbor(header), unprotected, payload, signature] })
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte
    return bytes
  })

test('a COSE_Sign1 is accepted only where two other decoders find the same message, and it has headers that it may have', () => {
  let accepted = 0
  fc.assert(
    fc.property(input, (bytes) => {
      const decoding = decodeSign1(bytes)
      if (decoding.kind !== 'sign1') return
      accepted++
      const { protectedBytes, payload, signature } = decoding.sign1
      for (const decode of [byCbor2, byCborg]) {
        const message = messageBy(decode, bytes)
        // One of them knows no tag that it was not told of.
        if (decode === byCborg && hasTags(messageBy(byCbor2, bytes))) continue
        expect(message !== undefined && isAcceptable(message)).toBe(true)
        expect([message!.protectedBytes, message!.payload, message!.signature].map((found) => [...found])).toEqual(
          [protectedBytes, payload, signature].map((found) => [...found]),
        )
      }
    }),
    { numRuns: 500 },
  )
  expect(accepted).toBeGreaterThan(60)
})

test('and where both find one with such headers and nothing critical, it is accepted', () => {
  let compared = 0
  fc.assert(
    fc.property(input, (bytes) => {
      const found = [byCbor2, byCborg].map((decode) => messageBy(decode, bytes))
      if (!found.every((message) => message !== undefined && isAcceptable(message) && !message.header.has(2))) return
      const decoding = decodeSign1(bytes)
      // Keys but integers and text, and floats, are well-formed, and refused wherever they stand.
      if (decoding.kind !== 'sign1' && decoding.reason.includes('unsupported')) return
      compared++
      expect(decoding.kind).toBe('sign1')
    }),
    { numRuns: 500 },
  )
  expect(compared).toBeGreaterThan(60)
})
