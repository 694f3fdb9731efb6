import { decodeCbor } from '@mica/policy/cbor'
import { type Finding, finding } from '../findings.ts'
import type { ClaimsMap } from './claims.ts'
import { TOKEN_SIZE_LIMIT } from './envelope.ts'
import { decodePlatformClaims, type PlatformClaims } from './platform.ts'
import { decodeRealmClaims, type RealmClaims } from './realm.ts'

/** Claims on their own, which nobody has signed: right in form, or what is wrong with them. */
export type ClaimsReading<Claims> =
  | { readonly kind: 'claims'; readonly claims: Claims }
  | { readonly kind: 'refused'; readonly findings: readonly Finding[] }

const MAX_DEPTH = 16
/** Real claims have some hundred items; the receipt of a memory that a thousand Realms held has seven thousand. */
const MAX_ITEMS = 8_192

/** Decodes the payload of one half of a token. @returns The map of claims; `malformed`; or `claims` when it is none. */
export function decodeClaimsMap(half: 'platform' | 'realm', bytes: Uint8Array): ClaimsMap | Finding {
  const decoded = decodeCbor(bytes, { deterministic: false, maxDepth: MAX_DEPTH, maxItems: MAX_ITEMS })
  const place = { claim: half }
  if (decoded.kind === 'malformed')
    return finding('malformed', `${half} claims: ${decoded.reason} at byte ${decoded.offset}`, place)
  return decoded.value instanceof Map ? decoded.value : finding('claims', `${half} claims are not a map`, place)
}

/**
 * Reads a claims set of the platform that stands alone, without a signature: for looking at, and for checking what a
 * firmware build emits. Nothing in it is to be believed.
 */
export function readPlatformClaims(bytes: Uint8Array): ClaimsReading<PlatformClaims> {
  return reading(bytes, 'platform', decodePlatformClaims)
}

/** As {@link readPlatformClaims}, for the claims set of a Realm. */
export function readRealmClaims(bytes: Uint8Array): ClaimsReading<RealmClaims> {
  return reading(bytes, 'realm', decodeRealmClaims)
}

function reading<Claims extends object>(
  bytes: Uint8Array,
  half: 'platform' | 'realm',
  decode: (map: ClaimsMap) => Claims | readonly Finding[],
): ClaimsReading<Claims> {
  if (bytes.length > TOKEN_SIZE_LIMIT) {
    const detail = `${bytes.length} bytes are more than the limit of ${TOKEN_SIZE_LIMIT}`
    return { kind: 'refused', findings: [finding('malformed', detail)] }
  }
  const map = decodeClaimsMap(half, bytes)
  return 'code' in map ? { kind: 'refused', findings: [map] } : claimsReading(decode(map))
}

/** The outcome of decoding as a reading. */
export function claimsReading<Claims extends object>(decoded: Claims | readonly Finding[]): ClaimsReading<Claims> {
  return isFindings(decoded) ? { kind: 'refused', findings: decoded } : { kind: 'claims', claims: decoded }
}

// Array.isArray does not narrow a readonly array out of a union.
const isFindings = (decoded: object): decoded is readonly Finding[] => Array.isArray(decoded)
