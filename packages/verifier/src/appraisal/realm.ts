import { equalBytes, toHex } from '../bytes.ts'
import type { RealmClaims } from '../cca-token/realm.ts'
import type { Endorsements, RealmReference } from '../endorsements/reference-values.ts'
import { type Finding, finding } from '../findings.ts'
import { TRUST, type TrustVector, uniformVector } from './trust-vector.ts'

/** What a caller expects of a single Realm, beside the endorsements. Absent: not compared. */
export interface RealmExpectations {
  readonly rims?: readonly Uint8Array[] | undefined
  readonly rpv?: Uint8Array | undefined
  readonly rems?: readonly Uint8Array[] | undefined
}

/** What comparing a Realm with its reference values gives. */
export interface RealmAppraisal {
  readonly findings: readonly Finding[]
  /** Of a Realm whose token is signed with the key that its platform vouches for. */
  readonly vector: TrustVector
}

/**
 * Appraises a verified Realm against what the caller expects and, for a RIM that is endorsed, against its references.
 * Of several references for one RIM any may match; the findings are those of the closest.
 *
 * @returns Findings in the order `rim`, `rpv`, `rem`; `no-reference-values` when there was nothing to compare with.
 */
export function appraiseRealm(
  realm: RealmClaims,
  endorsements: Endorsements,
  expected: RealmExpectations,
): RealmAppraisal {
  const endorsed = endorsements.realms.filter((reference) => equalBytes(reference.rim, realm.rim))
  const own = compareRealm(realm, expected)
  if (expected.rims === undefined && endorsements.realms.length === 0) {
    const note = finding('no-reference-values', 'nothing is known about the initial measurement', {
      claim: 'realm 44238',
    })
    const known = own.some(({ name }) => name === 'rpv' || name === 'rem')
    return { findings: [note, ...own], vector: realmVector(known ? TRUST.contraindicated : TRUST.none) }
  }
  const known =
    expected.rims === undefined ? endorsed.length > 0 : expected.rims.some((rim) => equalBytes(rim, realm.rim))
  if (!known) {
    const detail = `initial measurement ${toHex(realm.rim)} is not expected`
    return {
      findings: [finding('rim', detail, { claim: 'realm 44238' })],
      vector: realmVector(TRUST.unrecognizedBoot),
    }
  }
  const compared = endorsed.map((reference) => ({ reference, findings: compareRealm(realm, reference) }))
  const fewest = compared.reduce((least, one) => Math.min(least, one.findings.length), Number.POSITIVE_INFINITY)
  const closest = compared.filter((one) => one.findings.length === fewest)
  const findings = [...own, ...(closest[0]?.findings ?? [])]
  const compareWith = [expected.rems, ...closest.map(({ reference }) => reference.rems)]
  return { findings, vector: realmVector(executables(findings, compareWith)) }
}

const realmVector = (executables: number): TrustVector => ({
  ...uniformVector(TRUST.none),
  'instance-identity': TRUST.affirmed,
  executables,
})

/** Approved at boot by its RIM; and for what was measured later, if a reference gives all four measurements. */
function executables(findings: readonly Finding[], references: readonly RealmReference['rems'][]): number {
  if (findings.length > 0) return TRUST.contraindicated
  const complete = references.some((rems) => rems?.length === 4 && rems.every((rem) => rem !== undefined))
  return complete ? TRUST.affirmed : TRUST.approvedBoot
}

function compareRealm(realm: RealmClaims, expected: Pick<RealmReference, 'rpv' | 'rems'>): readonly Finding[] {
  const findings: Finding[] = []
  if (expected.rpv !== undefined && !equalBytes(expected.rpv, realm.rpv)) {
    findings.push(finding('rpv', 'the personalization value is not the expected one', { claim: 'realm 44235' }))
  }
  const { rems } = expected
  if (rems !== undefined && !remsMatch(realm.rems, rems)) {
    findings.push(finding('rem', 'the extensible measurements are not the expected ones', { claim: 'realm 44239' }))
  }
  return findings
}

const remsMatch = (rems: readonly Uint8Array[], expected: readonly (Uint8Array | undefined)[]): boolean =>
  expected.length === rems.length && rems.every((rem, i) => expected[i] === undefined || equalBytes(rem, expected[i]))
