import { type ClaimsMap, ClaimsReader } from '../cca-token/claims.ts'
import { GROUP_PROFILE } from '../cca-token/profile.ts'
import { type RealmStatement, readRealmStatement, realmProfile } from '../cca-token/realm.ts'
import { type Finding, finding, shown } from '../findings.ts'

/** The largest group evidence that is looked at, in bytes. */
export const GROUP_SIZE_LIMIT = 1_048_576

/** The claims of a group report, the group itself still encoded. */
export interface GroupStatement extends RealmStatement {
  /** The group claim: the same bytes whichever member asks. */
  readonly groupBytes: Uint8Array
  /** Index, in the group's order of members, of the Realm that asked. */
  readonly requester: number
}

const PROFILE = 265
const GROUP = -75010
const REQUESTER = -75011

/** Claims that say something about one Realm: outside the group they would be about nobody in particular. */
const PER_REALM_CLAIMS = [256, 44235, 44236, 44238, 44239, 44243, -75009]

/** An index that no group can have a member for. */
const REQUESTER_LIMIT = 0xffff

/**
 * Reads the claims of a group report.
 * @returns The claims; `profile` when it is another statement; or every `claims` finding.
 */
export function decodeGroupStatement(map: ClaimsMap): GroupStatement | readonly Finding[] {
  const profile = realmProfile(map)
  if (profile !== GROUP_PROFILE) {
    const detail = `\`${shown(profile ?? 'no profile')}\` is not the profile of a group report`
    return [finding('profile', detail, { claim: `realm ${PROFILE}` })]
  }
  const reader = new ClaimsReader('realm', map)
  const statement: GroupStatement = {
    ...readRealmStatement(reader),
    groupBytes: reader.bytes(GROUP),
    requester: reader.uint(REQUESTER, REQUESTER_LIMIT),
  }
  for (const label of PER_REALM_CLAIMS) if (reader.has(label)) reader.refuse(label, 'stands outside the group')
  return reader.findings.length > 0 ? reader.findings : statement
}
