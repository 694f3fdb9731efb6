import type { Finding, FindingName } from '../findings.ts'
import {
  TRUST,
  type TrustCategory,
  type TrustTier,
  type TrustVector,
  tierOf,
  uniformVector,
  worstTier,
} from './trust-vector.ts'

/** What appraisal says about one part of an attester. */
export interface Submodule {
  /** Names as the Veraison service uses them; members of a group are `MICA_REALM/` and their label. */
  readonly name: string
  /** Never better than the worst value of the vector. */
  readonly status: TrustTier
  readonly vector: TrustVector
  /** Why, where it is not affirming. */
  readonly problem?: string | undefined
}

/** The platform's part, and a single Realm's. */
export const PLATFORM_SUBMODULE = 'CCA_SSD_PLATFORM'
export const REALM_SUBMODULE = 'CCA_REALM'
/** The one part there is when the evidence could not be believed or read at all. */
export const FAILED_SUBMODULE = 'ARM_CCA'

/** Failures of the chain from the trust anchor to the statement: nothing in the evidence is anybody's word. */
const CHAIN_FAILURES: readonly FindingName[] = [
  'no-trust-anchor',
  'revoked',
  'alg-key-mismatch',
  'platform-signature',
  'rak',
  'realm-signature',
  'binding',
  'freshness',
]

/** Problems that a result names: a token may have hundreds of components that nobody knows. */
const MAX_PROBLEMS = 8

/**
 * A part by its vector. The category that matters most must be claimed: without a reference value for it the status
 * is `none`, whatever else is well.
 */
export function submodule(
  name: string,
  vector: TrustVector,
  essential: TrustCategory,
  problems: readonly Finding[],
): Submodule {
  const worst = worstTier(vector)
  const unknown = worst === 'affirming' && tierOf(vector[essential]) === 'none'
  const status = unknown ? 'none' : worst
  const named = problems.slice(0, MAX_PROBLEMS).map((one) => `${one.name}: ${one.detail}`)
  const others = problems.length - named.length
  const problem = [...named, ...(others > 0 ? [`and ${others} more`] : [])].join('; ')
  return { name, status, vector, ...(status === 'affirming' || problem === '' ? {} : { problem }) }
}

/** The status of several parts together: the worst, where `none` is better than a warning and worse than an affirmation. */
export function overallStatus(parts: readonly Submodule[]): TrustTier {
  const order: readonly TrustTier[] = ['contraindicated', 'warning', 'none']
  return (
    order.find((tier) => parts.some(({ status }) => status === tier)) ?? (parts.length === 0 ? 'none' : 'affirming')
  )
}

/**
 * The parts of rejected evidence. A broken chain condemns everything at once (99), as does evidence that cannot be
 * read; what was rejected for a reason that no vector shows is contraindicated in the half that the reason is about.
 *
 * @param appraised The parts as far as they were appraised.
 * @param failures At least one, the deciding one first.
 */
export function rejectedSubmodules(
  appraised: readonly Submodule[],
  failures: readonly Finding[],
): readonly Submodule[] {
  const [first] = failures
  const broken = failures.find((one) => CHAIN_FAILURES.includes(one.name))
  if (broken !== undefined) return [failed(TRUST.cryptoFailed, broken)]
  if (first === undefined) return appraised
  if (appraised.length === 0) return [failed(TRUST.unexpectedEvidence, first)]
  if (appraised.some(({ status }) => status === 'warning' || status === 'contraindicated')) return appraised
  const half = first.claim?.startsWith('realm') === true ? appraised.length - 1 : 0
  const problem = `${first.name}: ${first.detail}`
  return appraised.map((part, index) => (index === half ? { ...part, status: 'contraindicated', problem } : part))
}

const failed = (value: number, failure: Finding): Submodule => ({
  name: FAILED_SUBMODULE,
  status: 'contraindicated',
  vector: uniformVector(value),
  problem: `${failure.name}: ${failure.detail}`,
})
