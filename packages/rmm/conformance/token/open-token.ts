import { type CborKey, type CborTagged, type CborValue, decodeCbor } from '@mica/policy/cbor'
import { hexBytes } from '../trace/text.ts'

/** A CCA token, taken apart. */
export interface OpenToken {
  readonly tag: number
  readonly keys: readonly CborKey[]
  readonly platform: OpenSign1
  readonly realm: OpenSign1
}

/** A COSE_Sign1, taken apart. */
export interface OpenSign1 {
  readonly tag: number
  readonly bytes: Uint8Array
  readonly protectedHeader: Uint8Array
  readonly unprotected: CborValue
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  readonly claims: ReadonlyMap<CborKey, CborValue>
}

/** Keys of the collection. */
const PLATFORM_TOKEN = 44234
const REALM_TOKEN = 44241

/** Takes a token apart with the strict decoder. Throws a sentence about what it is not. */
export function openToken(bytes: Uint8Array): OpenToken {
  const { tag, value } = tagged(decode(bytes, 'the token'), 'the token')
  const collection = map(value, 'the token')
  return {
    tag,
    keys: [...collection.keys()],
    platform: openSign1(collection.get(PLATFORM_TOKEN), 'the platform token'),
    realm: openSign1(collection.get(REALM_TOKEN), 'the realm token'),
  }
}

function openSign1(item: CborValue | undefined, what: string): OpenSign1 {
  const bytes = byteString(item, what)
  const { tag, value } = tagged(decode(bytes, what), what)
  if (!Array.isArray(value) || value.length !== 4) throw new Error(`${what} is not a COSE_Sign1`)
  const [protectedHeader, unprotected, payload, signature] = value as readonly CborValue[]
  const content = byteString(payload, `the payload of ${what}`)
  return {
    tag,
    bytes,
    protectedHeader: byteString(protectedHeader, `the header of ${what}`),
    unprotected: unprotected!,
    payload: content,
    signature: byteString(signature, `the signature of ${what}`),
    claims: map(decode(content, `the payload of ${what}`), `the payload of ${what}`),
  }
}

/** Decodes one item; tokens have their claims in an order of their own. Throws where it is malformed. */
export function decode(bytes: Uint8Array, what: string): CborValue {
  const decoding = decodeCbor(bytes, { deterministic: false })
  if (decoding.kind === 'value') return decoding.value
  throw new Error(`${what} is no CBOR: ${decoding.reason} at ${decoding.offset}`)
}

export function byteString(value: CborValue | undefined, what: string): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new Error(`${what} is no byte string`)
}

function tagged(value: CborValue, what: string): CborTagged {
  if (typeof value === 'object' && value !== null && 'tag' in value) return value
  throw new Error(`${what} is not tagged`)
}

function map(value: CborValue, what: string): ReadonlyMap<CborKey, CborValue> {
  if (value instanceof Map) return value
  throw new Error(`${what} is no map`)
}

/** CBOR as token descriptions write it: byte strings as `{ hex }`, maps as objects. */
export function asJson(value: CborValue): unknown {
  if (value instanceof Uint8Array) return { hex: hexBytes(value) }
  if (value instanceof Map)
    return Object.fromEntries(Array.from(value, ([key, member]) => [String(key), asJson(member)]))
  if (Array.isArray(value)) return value.map(asJson)
  return value
}
