import { type Submodule, submodule } from '../appraisal/submodule.ts'
import { TRUST, uniformVector } from '../appraisal/trust-vector.ts'
import { equalBytes } from '../bytes.ts'
import { type Finding, finding, short } from '../findings.ts'
import { checkRems } from '../group/rems.ts'
import type { DisclosedMember, DisclosureClaims } from './claims.ts'

/** What a third party expects of the members that it is shown. Absent: not compared. */
export interface DisclosureExpectations {
  /** Images that every one of them has one of. */
  readonly rims?: readonly Uint8Array[] | undefined
  /** Digests of policies that every one of them is under one of. */
  readonly policyDigests?: readonly Uint8Array[] | undefined
  /**
   * Whether the Realm that asked for the report has to be among them: it is the one whose word the challenge is, when
   * that binds a key. False unless said otherwise.
   */
  readonly requesterShown?: boolean | undefined
}

/** Everything found in what is shown, and what each member amounts to. */
export interface DisclosureAppraisal {
  readonly findings: readonly Finding[]
  readonly parts: readonly Submodule[]
}

/** A member that is shown; of the group, which is not, there is no part. */
const MEMBER_PREFIX = 'MICA_MEMBER/'

/** What stands for all of them where nothing can be read. */
export function unreadableMembers(why: Finding): Submodule {
  const vector = { ...uniformVector(TRUST.none), configuration: TRUST.contraindicated }
  return submodule('MICA_MEMBERS', vector, 'configuration', [why])
}

/**
 * Appraises the members that are shown.
 *
 * @param enforced Whether the firmware is known to enforce policies: else no executables are recognized.
 * @returns Findings in the order: per member `unexpected-member` by image, then by policy, `rem-not-policy`;
 *   `requester-not-shown`; and the note `not-shown`, which says of how much there is no word.
 */
export function appraiseDisclosure(
  disclosure: DisclosureClaims,
  expectations: DisclosureExpectations,
  enforced: boolean,
): DisclosureAppraisal {
  const appraised = disclosure.members.map((member) => appraiseMember(member, expectations, enforced))
  const { requesterShown = false } = expectations
  const nobody = requesterShown && disclosure.requester === undefined
  return {
    findings: [
      ...appraised.flatMap(({ findings }) => findings),
      ...(nobody
        ? [
            finding('requester-not-shown', 'another member asked for this report than is shown', {
              claim: 'realm -75011',
            }),
          ]
        : []),
      notShown(disclosure),
    ],
    parts: appraised.map(({ part }) => part),
  }
}

function notShown({ size, shown }: DisclosureClaims): Finding {
  const rest = size === shown ? 'every leaf' : `${shown} of ${size} leaves`
  const detail = `${rest} shown; whether the policies agree, and what they let flow where, is not judged`
  return finding('not-shown', detail, { claim: 'realm -75013' })
}

const among = (expected: readonly Uint8Array[] | undefined, found: Uint8Array): boolean =>
  expected?.some((one) => equalBytes(one, found)) ?? true

function appraiseMember(
  member: DisclosedMember,
  { rims, policyDigests }: DisclosureExpectations,
  enforced: boolean,
): { readonly findings: readonly Finding[]; readonly part: Submodule } {
  const place = { member: member.label, claim: 'realm -75013' }
  const isImage = among(rims, member.rim)
  const isPolicy = among(policyDigests, member.policyDigest)
  const rems = checkRems(member)
  const findings = [
    ...(isImage
      ? []
      : [finding('unexpected-member', `${member.label} has initial measurement ${short(member.rim)}`, place)]),
    ...(isPolicy
      ? []
      : [finding('unexpected-member', `${member.label} is under policy ${short(member.policyDigest)}`, place)]),
    ...rems,
  ]
  const known = rims === undefined ? TRUST.none : enforced ? TRUST.approvedBoot : TRUST.unrecognizedExecutables
  const booted = rems.length > 0 ? TRUST.contraindicated : known
  const bound = policyDigests === undefined ? TRUST.none : TRUST.affirmed
  const vector = {
    ...uniformVector(TRUST.none),
    'instance-identity': TRUST.affirmed,
    configuration: isPolicy ? bound : TRUST.contraindicated,
    executables: isImage ? booted : TRUST.unrecognizedBoot,
  }
  return { findings, part: submodule(`${MEMBER_PREFIX}${member.label}`, vector, 'executables', findings) }
}
