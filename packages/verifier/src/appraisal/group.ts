import type { Finding, FindingName } from '../findings.ts'
import type { GroupClaims } from '../group/appraise.ts'
import { type Submodule, submodule } from './submodule.ts'
import { TRUST, uniformVector } from './trust-vector.ts'

/** What the policies of all members amount to. */
export const GROUP_SUBMODULE = 'MICA_GROUP'
const MEMBER_PREFIX = 'MICA_REALM/'

/** Whether a part of the result is about one Realm of a group. */
export const isMemberSubmodule = ({ name }: Submodule): boolean => name.startsWith(MEMBER_PREFIX)

/** Findings from here on are about a group; those before are about evidence of any kind. */
const FIRST_GROUP_CODE = 'MICA2040'

/** Findings about what runs in a member. Every other failure is about what its policy, or the group's, allows. */
const IMAGE_FAILURES: ReadonlyMap<FindingName, number> = new Map<FindingName, number>([
  ['unexpected-member', TRUST.unrecognizedBoot],
  ['rem-not-policy', TRUST.contraindicated],
])

/**
 * The parts of a group's result beside its platform: one for the group, then one for each member in the group's order.
 * Executables of a member are its image, approved at boot; configuration is its policy, and for the group all of them
 * together with the assertions. Everything in a group is the word of its monitor: of firmware that is not known to
 * enforce policies, no executables are recognized.
 *
 * @param group `undefined` where it did not come to an appraisal, or nothing could be read: then nothing is claimed.
 * @param findings Of the group's appraisal, with the platform's.
 */
export function groupSubmodules(group: GroupClaims | undefined, findings: readonly Finding[]): readonly Submodule[] {
  const failures = findings.filter((one) => one.severity === 'failure')
  const enforced = failures.every((one) => one.name !== 'rmm-not-known-to-enforce')
  const image = enforced ? TRUST.approvedBoot : TRUST.unrecognizedExecutables
  const ofGroup = failures.filter((one) => one.code >= FIRST_GROUP_CODE)
  const [identity, policies] = group === undefined ? [TRUST.none, TRUST.none] : [TRUST.affirmed, TRUST.affirmed]
  const whole = {
    ...uniformVector(TRUST.none),
    'instance-identity': identity,
    configuration: ofGroup.length === 0 ? policies : TRUST.contraindicated,
    executables: group === undefined && enforced ? TRUST.none : image,
  }
  const members = group?.members ?? []
  return [
    submodule(GROUP_SUBMODULE, whole, 'configuration', ofGroup),
    ...members.map(({ label }) => {
      const own = failures.filter((one) => one.member === label)
      const images = own.flatMap(({ name }) => IMAGE_FAILURES.get(name) ?? [])
      const vector = {
        ...uniformVector(TRUST.none),
        'instance-identity': TRUST.affirmed,
        configuration: images.length === own.length ? TRUST.affirmed : TRUST.contraindicated,
        executables: images[0] ?? image,
      }
      return submodule(`${MEMBER_PREFIX}${label}`, vector, 'executables', own)
    }),
  ]
}
