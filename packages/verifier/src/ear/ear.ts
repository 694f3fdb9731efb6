import { GROUP_SUBMODULE, isMemberSubmodule } from '../appraisal/group.ts'
import { overallStatus, type Submodule } from '../appraisal/submodule.ts'
import { toBase64Url } from '../bytes.ts'
import type { Verdict } from '../verdict.ts'
import { annotatedEvidence } from './annotated-evidence.ts'
import { DRAFT_04, type EarNames, VERAISON } from './names.ts'

/** Form of a result: what every client of today reads, or the current draft, where results nest. */
export type EarForm = 'veraison' | 'draft-04'

/** Who appraised. */
export interface VerifierId {
  readonly developer: string
  readonly build: string
}

/** What a result says beside the verdict. */
export interface EarOptions {
  readonly verifier: VerifierId
  readonly issuedAt: Date
  readonly expiresAt?: Date | undefined
  /** `veraison` by default. */
  readonly form?: EarForm | undefined
  /** The nonce of the session, 8 to 64 bytes. */
  readonly nonce?: Uint8Array | undefined
  /** `policy:ARM_CCA` by default, as the Veraison service says. */
  readonly policyId?: string | undefined
  readonly rawEvidence?: Uint8Array | undefined
}

/** The claims of an attestation result (draft-ietf-rats-ear) as a JSON object, to be signed. */
export type EarClaims = Readonly<Record<string, unknown>>

const DEFAULT_POLICY = 'policy:ARM_CCA'
const NONCE_MINIMUM = 8
const NONCE_LIMIT = 64

/**
 * The attestation result of a verdict, accepted or rejected: one submodule for each part that was appraised.
 * In the form of draft -04 the group is a result of its own within the platform's, and the members are its submodules.
 *
 * @throws RangeError on a nonce of other than 8 to 64 bytes, which is the caller's mistake.
 */
export function earOf(verdict: Verdict, options: EarOptions): EarClaims {
  const { form = 'veraison', nonce, rawEvidence, expiresAt } = options
  if (nonce !== undefined && (nonce.length < NONCE_MINIMUM || nonce.length > NONCE_LIMIT))
    throw new RangeError(`a nonce has ${NONCE_MINIMUM} to ${NONCE_LIMIT} bytes`)
  const names = form === 'veraison' ? VERAISON : DRAFT_04
  const { submodules } = verdict
  const part = (one: Submodule): readonly [string, unknown] => [one.name, appraisal(one, verdict, names, options)]
  const inGroup = (one: Submodule): boolean => one.name === GROUP_SUBMODULE || isMemberSubmodule(one)
  const members = form === 'veraison' ? [] : submodules.filter(inGroup)
  const own = submodules.filter((one) => !members.includes(one)).map(part)
  const nested = { ...envelope(members, names, options), submods: Object.fromEntries(members.map(part)) }
  return {
    ...envelope(submodules, names, options),
    ...(expiresAt === undefined ? {} : { exp: seconds(expiresAt) }),
    // Clients of today expect padding here, unlike anywhere else.
    ...(nonce === undefined ? {} : { eat_nonce: padded(toBase64Url(nonce)) }),
    ...(rawEvidence === undefined ? {} : { [names.rawEvidence]: toBase64Url(rawEvidence) }),
    submods: Object.fromEntries(members.length === 0 ? own : [...own, [GROUP_SUBMODULE, nested]]),
  }
}

const seconds = (time: Date): number => Math.floor(time.getTime() / 1000)
const padded = (text: string): string => text.padEnd(Math.ceil(text.length / 4) * 4, '=')

/** The claims that every result has, a nested one too. */
function envelope(parts: readonly Submodule[], names: EarNames, { verifier, issuedAt }: EarOptions): EarClaims {
  return {
    eat_profile: names.profile,
    iat: seconds(issuedAt),
    [names.verifierId]: { developer: verifier.developer, build: verifier.build },
    ...(names.overallStatus === undefined ? {} : { [names.overallStatus]: overallStatus(parts) }),
  }
}

function appraisal(part: Submodule, verdict: Verdict, names: EarNames, { policyId = DEFAULT_POLICY }: EarOptions) {
  const evidence = annotatedEvidence(verdict, part.name)
  return {
    [names.status]: part.status,
    [names.vector]: part.vector,
    [names.policy]: names.policyIsList ? [policyId] : policyId,
    ...(part.problem === undefined ? {} : { [names.policyClaims]: { problem: part.problem } }),
    ...(evidence === undefined ? {} : { [names.annotatedEvidence]: evidence }),
  }
}
