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
  return result(verdict.submodules, submodsOf(verdict, options), options)
}

/** Several verdicts that are one answer, by position; and what was found of them as a set, where that was asked. */
export interface SetResult {
  readonly members: readonly Verdict[]
  readonly submodule?: Submodule | undefined
}

/**
 * The attestation result of a set: the parts of each verdict under its position, `0/CCA_REALM`, and one part for the set.
 * In the form of draft -04 each verdict is a result of its own, under its position.
 *
 * @throws RangeError as {@link earOf} does.
 */
export function earOfSet({ members, submodule }: SetResult, options: EarOptions): EarClaims {
  const names = namesOf(options)
  const parts = [...members.flatMap(({ submodules }) => submodules), ...(submodule === undefined ? [] : [submodule])]
  const ofMembers = members.flatMap((verdict, index): readonly Submods[] => {
    const submods = submodsOf(verdict, options)
    if (names === DRAFT_04) return [[String(index), { ...envelope(verdict.submodules, options), ...nested(submods) }]]
    return submods.map(([name, value]) => [`${index}/${name}`, value])
  })
  const ofSet: readonly Submods[] = submodule === undefined ? [] : [[submodule.name, appraisal(submodule, options)]]
  return result(parts, [...ofMembers, ...ofSet], options)
}

/** A submodule of a result, by its name. */
type Submods = readonly [name: string, value: unknown]

const namesOf = ({ form }: EarOptions): EarNames => (form === 'draft-04' ? DRAFT_04 : VERAISON)
const nested = (submods: readonly Submods[]): EarClaims => ({ submods: Object.fromEntries(submods) })

/** The submodules of one verdict. */
function submodsOf(verdict: Verdict, options: EarOptions): readonly Submods[] {
  const { submodules } = verdict
  const part = (one: Submodule): Submods => [one.name, appraisal(one, options, annotatedEvidence(verdict, one.name))]
  const inGroup = (one: Submodule): boolean => one.name === GROUP_SUBMODULE || isMemberSubmodule(one)
  const members = namesOf(options) === DRAFT_04 ? submodules.filter(inGroup) : []
  const own = submodules.filter((one) => !members.includes(one)).map(part)
  if (members.length === 0) return own
  return [...own, [GROUP_SUBMODULE, { ...envelope(members, options), ...nested(members.map(part)) }]]
}

/** A whole result. */
function result(parts: readonly Submodule[], submods: readonly Submods[], options: EarOptions): EarClaims {
  const { nonce, rawEvidence, expiresAt } = options
  if (nonce !== undefined && (nonce.length < NONCE_MINIMUM || nonce.length > NONCE_LIMIT))
    throw new RangeError(`a nonce has ${NONCE_MINIMUM} to ${NONCE_LIMIT} bytes`)
  return {
    ...envelope(parts, options),
    ...(expiresAt === undefined ? {} : { exp: seconds(expiresAt) }),
    // Clients of today expect padding here, unlike anywhere else.
    ...(nonce === undefined ? {} : { eat_nonce: padded(toBase64Url(nonce)) }),
    ...(rawEvidence === undefined ? {} : { [namesOf(options).rawEvidence]: toBase64Url(rawEvidence) }),
    ...nested(submods),
  }
}

const seconds = (time: Date): number => Math.floor(time.getTime() / 1000)
const padded = (text: string): string => text.padEnd(Math.ceil(text.length / 4) * 4, '=')

/** The claims that every result has, a nested one too. */
function envelope(parts: readonly Submodule[], options: EarOptions): EarClaims {
  const { verifier, issuedAt } = options
  const names = namesOf(options)
  return {
    eat_profile: names.profile,
    iat: seconds(issuedAt),
    [names.verifierId]: { developer: verifier.developer, build: verifier.build },
    ...(names.overallStatus === undefined ? {} : { [names.overallStatus]: overallStatus(parts) }),
  }
}

function appraisal(part: Submodule, options: EarOptions, evidence?: Readonly<Record<string, unknown>>): EarClaims {
  const { policyId = DEFAULT_POLICY } = options
  const names = namesOf(options)
  return {
    [names.status]: part.status,
    [names.vector]: part.vector,
    [names.policy]: names.policyIsList ? [policyId] : policyId,
    ...(part.problem === undefined ? {} : { [names.policyClaims]: { problem: part.problem } }),
    ...(evidence === undefined ? {} : { [names.annotatedEvidence]: evidence }),
  }
}
