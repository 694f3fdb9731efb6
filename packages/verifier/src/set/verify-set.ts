import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'
import type { RealmExpectations } from '../appraisal/realm.ts'
import { setSubmodule } from '../appraisal/set.ts'
import type { Submodule } from '../appraisal/submodule.ts'
import { equalBytes } from '../bytes.ts'
import { verifyToken } from '../cca-token/verify.ts'
import { type Finding, finding } from '../findings.ts'
import type { VerificationOptions } from '../options.ts'
import type { TokenClaims, Verdict } from '../verdict.ts'

/**
 * How the tokens of a set were asked for: all with one challenge, or each with its own, which
 * {@link derivedChallenge} makes from the common one and the position in the set.
 */
export type SetChallenges = 'same' | 'derived'

/** What a caller expects of a set of tokens, beside what it expects of each. */
export interface SetOptions extends VerificationOptions<RealmExpectations> {
  readonly challenges: SetChallenges
  /** Whether all Realms have to run on one platform, under one Realm attestation key. */
  readonly samePlatform: boolean
}

/** The outcome for a set: every member's own, and what is wrong with them as a set. Accepted only if all of it is. */
export interface SetVerdict {
  readonly kind: 'accepted' | 'rejected'
  /** In the order of the tokens. */
  readonly members: readonly Verdict<TokenClaims>[]
  /** Failures and notes about the set; `member` is a position, counted from 0. */
  readonly findings: readonly Finding[]
  /** What they amount to: the part of the set in an attestation result. */
  readonly submodule: Submodule
}

/** The challenge of member `index` where each has its own: SHA-512(challenge || index in 4 bytes, big endian). */
export function derivedChallenge(challenge: Uint8Array, index: number): Uint8Array {
  const position = new Uint8Array(4)
  new DataView(position.buffer).setUint32(0, index)
  return sha512(concatBytes(challenge, position))
}

/**
 * Verifies tokens of several Realms that answer one request. A Realm that speaks twice is no second member: Realms are
 * told apart by their instance id, which only RMM 2.0 gives, and with tokens of RMM 1.0 only by machine, initial
 * measurement and personalization value. Derived challenges tie each token to its place, and so keep one token from
 * standing in two; who answers is still the Realm's choice, and one could answer for two places.
 *
 * @returns Findings of the set in the order `set-duplicate`, `set-uniqueness` (a note), `set-platform`; `malformed` where
 *   there is no token.
 */
export function verifyTokenSet(tokens: readonly Uint8Array[], options: SetOptions): SetVerdict {
  const members = tokens.map((token, index) => {
    const challenge = options.challenges === 'same' ? options.challenge : derivedChallenge(options.challenge, index)
    return verifyToken(token, { ...options, challenge })
  })
  const claims = members.map((verdict) => (verdict.kind === 'accepted' ? verdict.claims : verdict.unverified))
  const findings = claims.flatMap((later, index) => {
    const earlier = claims.slice(0, index)
    return [
      ...checkDistinct(later, earlier, index),
      ...(options.samePlatform ? checkPlatform(later, earlier, index) : []),
    ]
  })
  // Nothing is wrong with nobody, and nobody answers nothing.
  if (members.length === 0) findings.push(finding('malformed', 'there is no token in the set'))
  const failed =
    members.some(({ kind }) => kind === 'rejected') || findings.some(({ severity }) => severity === 'failure')
  return { kind: failed ? 'rejected' : 'accepted', members, findings, submodule: setSubmodule(findings) }
}

type MaybeClaims = TokenClaims | undefined

function checkDistinct(later: MaybeClaims, earlier: readonly MaybeClaims[], index: number): readonly Finding[] {
  const member = String(index)
  const id = later?.realm.instanceId
  const repeated = earlier.findIndex((one) => {
    const other = one?.realm.instanceId
    return id !== undefined && other !== undefined && equalBytes(id, other)
  })
  if (repeated >= 0) {
    const detail = `the same Realm as member ${repeated}: one instance id`
    return [finding('set-duplicate', detail, { member, claim: 'realm 256' })]
  }
  const alike = earlier.findIndex((one) => {
    if (one === undefined || later === undefined) return false
    const unnamed = id === undefined || one.realm.instanceId === undefined
    const [mine, other] = [later.realm, one.realm]
    return (
      unnamed &&
      equalBytes(other.rim, mine.rim) &&
      equalBytes(other.rpv, mine.rpv) &&
      equalBytes(other.rakBytes, mine.rakBytes)
    )
  })
  if (alike < 0) return []
  const detail = `nothing in the evidence tells this Realm from member ${alike}`
  return [finding('set-uniqueness', detail, { member, claim: 'realm 256' })]
}

/** The Realm attestation key belongs to one platform in one measured state, so one key is one machine. */
function checkPlatform(later: MaybeClaims, earlier: readonly MaybeClaims[], index: number): readonly Finding[] {
  const first = earlier.find((one) => one !== undefined)
  if (first === undefined || later === undefined) return []
  const same =
    equalBytes(first.platform.implementationId, later.platform.implementationId) &&
    equalBytes(first.platform.instanceId, later.platform.instanceId) &&
    equalBytes(first.realm.rakBytes, later.realm.rakBytes)
  if (same) return []
  return [
    finding('set-platform', 'not on the platform of the first member', {
      member: String(index),
      claim: 'platform 256',
    }),
  ]
}
