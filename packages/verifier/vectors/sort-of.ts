import { type CborValue, decodeCbor } from '@mica/policy/cbor'

/** What the contents of a vector show it to be. */
export type VectorSort =
  | 'claims-json'
  | 'jwt'
  | 'token'
  | 'platform-token'
  | 'platform-claims'
  | 'realm-claims'
  | 'corim'

const SIGN1 = 18
const UNSIGNED_CORIM = 501
const CONTENT_TYPE = 3
const IMPLEMENTATION_ID = 2396
/** Labels that only claims of a Realm have start here. */
const FIRST_REALM_LABEL = 44235

/** Finds out what a vector is. Whatever cannot be told is to be judged as a token, which it then is not. */
export function sortOf(path: string, bytes: Uint8Array): VectorSort {
  if (path.endsWith('.json')) return 'claims-json'
  if (path.endsWith('.jwt')) return 'jwt'
  const value = decoded(bytes)
  if (value instanceof Map) return hasRealmLabels(value) ? 'realm-claims' : 'platform-claims'
  if (!isTagged(value)) return 'token'
  if (value.tag === UNSIGNED_CORIM) return 'corim'
  if (value.tag !== SIGN1 || !Array.isArray(value.value)) return 'token'
  const [header, , payload]: unknown[] = value.value.map((part) => (part instanceof Uint8Array ? decoded(part) : part))
  if (header instanceof Map && /\brim\b|corim/.test(String(header.get(CONTENT_TYPE)))) return 'corim'
  return payload instanceof Map && payload.has(IMPLEMENTATION_ID) ? 'platform-token' : 'token'
}

function decoded(bytes: Uint8Array): CborValue | undefined {
  const result = decodeCbor(bytes, { deterministic: false })
  return result.kind === 'value' ? result.value : undefined
}

const isTagged = (value: CborValue | undefined): value is { readonly tag: number; readonly value: CborValue } =>
  typeof value === 'object' && value !== null && 'tag' in value

const hasRealmLabels = (claims: ReadonlyMap<unknown, unknown>): boolean =>
  [...claims.keys()].some((label) => typeof label === 'number' && label >= FIRST_REALM_LABEL)
