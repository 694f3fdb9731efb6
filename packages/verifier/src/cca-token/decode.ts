import { decodeSign1, type Sign1 } from '../cose/sign1.ts'
import { type Finding, finding } from '../findings.ts'
import type { ClaimsMap } from './claims.ts'
import { decodeClaimsMap } from './claims-set.ts'
import { type Envelope, openEnvelope } from './envelope.ts'
import { realmProfile } from './realm.ts'

/** One half of a token: the signed message, and its payload as a map of claims not yet read. */
export interface SignedClaims {
  readonly sign1: Sign1
  readonly claims: ClaimsMap
}

/** A token taken apart as far as its structure goes. Nothing in it is verified. */
export interface DecodedToken extends Pick<Envelope, 'beside'> {
  readonly platform: SignedClaims
  readonly realm: SignedClaims
}

/** Takes a token of at most `limit` bytes apart: steps 1 to 3 of verification. @returns The halves, or why not. */
export function decodeToken(evidence: Uint8Array, limit: number): DecodedToken | readonly Finding[] {
  const envelope = openEnvelope(evidence, limit)
  if ('code' in envelope) return [envelope]
  const platform = decodeSignedClaims('platform', envelope.platform)
  const realm = decodeSignedClaims('realm', envelope.realm)
  if ('sign1' in platform && 'sign1' in realm) return { platform, realm, beside: envelope.beside }
  return [platform, realm].filter((half) => 'code' in half)
}

function decodeSignedClaims(half: 'platform' | 'realm', bytes: Uint8Array): SignedClaims | Finding {
  const place = { claim: half }
  const message = decodeSign1(bytes)
  if (message.kind === 'malformed')
    return finding('malformed', `${half} token: ${message.reason} at byte ${message.offset}`, place)
  if (message.kind === 'refused') return finding('cose', `${half} token: ${message.reason}`, place)
  const claims = decodeClaimsMap(half, message.sign1.payload)
  return 'code' in claims ? claims : { sign1: message.sign1, claims }
}

/**
 * The profile of the Realm half of `evidence`, before anything is verified: tells a caller which verification to ask
 * for. `undefined` for legacy tokens, which have none, and for whatever is no token.
 */
export function profileOf(evidence: Uint8Array, limit: number): string | undefined {
  const decoded = decodeToken(evidence, limit)
  return 'realm' in decoded ? realmProfile(decoded.realm.claims) : undefined
}
