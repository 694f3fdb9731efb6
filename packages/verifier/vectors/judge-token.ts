import { fromHex } from '../src/bytes.ts'
import { decodeToken } from '../src/cca-token/decode.ts'
import { decodePlatformClaims } from '../src/cca-token/platform.ts'
import { type CompatSwitch, type EcJwk, TOKEN_SIZE_LIMIT, type TrustAnchor, verifyToken } from '../src/index.ts'

/** What is known of a vector that is the token of one Realm. */
export interface TokenVector {
  readonly evidence: Uint8Array
  readonly trustAnchors: readonly TrustAnchor[]
  /** Absent: that of the token itself, where nothing says which was sent. */
  readonly challenge?: Uint8Array | undefined
  readonly compat?: readonly CompatSwitch[] | undefined
}

/** What a token is found to be: `accepted`, or the name of the deciding finding; and the switches that it needed. */
export interface TokenJudgement {
  readonly found: string
  readonly needed?: string | undefined
}

/** Verifies the token of one Realm as a vector says. */
export function judgeToken(vector: TokenVector): TokenJudgement {
  const challenge = vector.challenge ?? challengeIn(vector.evidence)
  const { trustAnchors, compat } = vector
  const verdict = verifyToken(vector.evidence, { trustAnchors, challenge, compat, expectations: {} })
  if (verdict.kind === 'rejected') return { found: verdict.findings[0]?.name ?? 'nothing' }
  const switches = verdict.notes.filter(({ name }) => name === 'compat-switch-used').map(({ detail }) => detail)
  return { found: 'accepted', needed: switches.length === 0 ? undefined : `with the switch ${switches.join(', ')}` }
}

/** A trust anchor that vouches for whatever platform a token names: for vectors of which only the key is known. */
export function anchorFor(evidence: Uint8Array, key: EcJwk): readonly TrustAnchor[] {
  const token = decodeToken(evidence, TOKEN_SIZE_LIMIT)
  const platform = 'platform' in token ? decodePlatformClaims(token.platform.claims) : []
  if (!('profile' in platform)) return []
  const { implementationId, instanceId } = platform
  return [{ name: 'vector', implementationId, instanceId, key }]
}

/** The challenge that a token says it answers; zeroes where it says none. */
export function challengeIn(evidence: Uint8Array): Uint8Array {
  const token = decodeToken(evidence, TOKEN_SIZE_LIMIT)
  const challenge = 'realm' in token ? token.realm.claims.get(10) : undefined
  return challenge instanceof Uint8Array ? challenge : new Uint8Array(64)
}

/** The bytes of a hexadecimal member of an expectation; none when there is no such member. */
export const hexBytes = (text: string | undefined): Uint8Array => fromHex(text ?? '') ?? new Uint8Array()
