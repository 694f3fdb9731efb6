import { type Fact, ruleNumber } from '@mica/policy'

/**
 * Why a policy was refused. The number goes to the Realm, as the reason; the facts go to the event trace only, since
 * they may be about others.
 */
export interface Refusal {
  /** Step of the upload, 1 to 8. */
  readonly step: number
  readonly rule: string
  readonly number: number
  readonly facts: Readonly<Record<string, string | number>>
}

/**
 * Rules that only a machine can decide, in the numbers after those of the policy package. The last three are that
 * package's own: found here from counts that the monitor keeps, and from a length before there are bytes.
 */
export const UPLOAD_RULES = {
  /** The blob is longer than the granules that hold it. */
  'policy-granules-missing': 100,
  /** REM[0] is not zero: something was measured before the policy. */
  'measured-before': 101,
  /** A memory of the policy lies outside this Realm's address space. */
  'memory-outside-realm': 102,
  /** A memory of the policy is not covered by shared granules, in one range. */
  'memory-not-covered': 103,
  /** A shared granule is mapped that belongs to no memory of the policy. */
  'mapping-unlisted': 104,
  /** A granule is mapped twice. */
  'granule-twice': 105,
  /** A peer holds some of these granules, but not the same in the same order. */
  'granules-differ': 106,
  /** An owner has revoked a memory of the policy. */
  'memory-revoked': 107,
  'mapping-held': 62,
  'any-over-count': 63,
  'blob-too-long': 1,
} as const

/** A refusal by one of the rules above. */
export function refuse(step: number, rule: keyof typeof UPLOAD_RULES, facts: Refusal['facts'] = {}): Refusal {
  return { step, rule, number: UPLOAD_RULES[rule], facts }
}

/** A refusal because of something that the policies themselves say. */
export function refuseFact(step: number, fact: Fact): Refusal {
  return { step, rule: fact.rule, number: ruleNumber(fact), facts: fact.facts }
}
