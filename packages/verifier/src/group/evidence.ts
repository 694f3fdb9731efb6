import { TREE_HASH_BYTES, TREE_LEAVES } from '@mica/policy'
import type { CborValue } from '@mica/policy/cbor'
import { type ClaimsMap, ClaimsReader } from '../cca-token/claims.ts'
import { GROUP_PROFILE, GROUP_TREE_PROFILE } from '../cca-token/profile.ts'
import { type RealmStatement, readRealmStatement, realmProfile } from '../cca-token/realm.ts'
import { type Finding, finding, shown } from '../findings.ts'

/** The largest group evidence that is looked at, in bytes. */
export const GROUP_SIZE_LIMIT = 1_048_576

/**
 * Bytes of a group, or of what is shown of one, that are opened for a caller who wants to see everything, although
 * nothing vouches for them: some hundred members. A claim can be made whose members take more time to relate to each
 * other than anybody wants to spend on a stranger; the monitor signs none larger than the machine it runs on.
 */
export const DOUBTFUL_GROUP_LIMIT = 16_384

/** The claims of a group report in which the group is signed, still encoded. */
export interface GroupListStatement extends RealmStatement {
  readonly profile: typeof GROUP_PROFILE
  /** The group claim: the same bytes whichever member asks. */
  readonly groupBytes: Uint8Array
  /** Index, in the group's order of members, of the Realm that asked. */
  readonly requester: number
}

/** The claims of a group report in which the root of a tree over the group is signed. */
export interface GroupTreeStatement extends RealmStatement {
  readonly profile: typeof GROUP_TREE_PROFILE
  /** Leaves of the tree: members and edges together. */
  readonly size: number
  readonly root: Uint8Array
  /** The leaf of the Realm that asked. */
  readonly requester: number
}

/** The claims of a group report, in either form. */
export type GroupStatement = GroupListStatement | GroupTreeStatement

const PROFILE = 265
const GROUP = -75010
const REQUESTER = -75011
const TREE = -75013

/** Claims that say something about one Realm: where a statement is about several, they would be about nobody in particular. */
export const PER_REALM_CLAIMS: readonly number[] = [256, 44235, 44236, 44238, 44239, 44243, -75009]

/** An index that no group can have a member for. */
const REQUESTER_LIMIT = 0xffff

/**
 * Reads the claims of a group report, in the form that its profile says.
 * @returns The claims; `profile` when it is another statement; or every `claims` finding.
 */
export function decodeGroupStatement(map: ClaimsMap): GroupStatement | readonly Finding[] {
  const profile = realmProfile(map)
  if (profile === GROUP_TREE_PROFILE) return decodeTreeStatement(map)
  if (profile !== GROUP_PROFILE) return [notTheProfileOf('a group report', profile)]
  const reader = new ClaimsReader('realm', map)
  const statement: GroupListStatement = {
    ...readRealmStatement(reader),
    profile,
    groupBytes: reader.bytes(GROUP),
    requester: reader.uint(REQUESTER, REQUESTER_LIMIT),
  }
  return withoutOthers(reader, statement, TREE)
}

/**
 * Reads the claims of a group report in which a tree is signed.
 * @returns The claims; `profile` when it is another statement; or every `claims` finding.
 */
export function decodeTreeStatement(map: ClaimsMap): GroupTreeStatement | readonly Finding[] {
  const profile = realmProfile(map)
  if (profile !== GROUP_TREE_PROFILE) return [notTheProfileOf('a tree over a group', profile)]
  const reader = new ClaimsReader('realm', map)
  const common = readRealmStatement(reader)
  const tree = reader.value(TREE)
  const [size, root]: readonly CborValue[] = Array.isArray(tree) && tree.length === 2 ? tree : []
  const isSize = typeof size === 'number' && size >= 1 && size <= TREE_LEAVES
  const isRoot = root instanceof Uint8Array && root.length === TREE_HASH_BYTES
  if (tree !== undefined && !(isSize && isRoot)) reader.refuse(TREE, `not a number up to ${TREE_LEAVES} and a root`)
  const requester = reader.uint(REQUESTER, isSize ? size - 1 : REQUESTER_LIMIT)
  const whole = { size: isSize ? size : 1, root: isRoot ? root : new Uint8Array(TREE_HASH_BYTES) }
  return withoutOthers(reader, { ...common, ...whole, profile, requester }, GROUP)
}

function notTheProfileOf(what: string, profile: string | undefined): Finding {
  const detail = `\`${shown(profile ?? 'no profile')}\` is not the profile of ${what}`
  return finding('profile', detail, { claim: `realm ${PROFILE}` })
}

/** The statement, if all of it can be read and nothing stands beside it that would give it another meaning. */
function withoutOthers<Statement>(
  reader: ClaimsReader,
  statement: Statement,
  otherForm: number,
): Statement | readonly Finding[] {
  for (const label of PER_REALM_CLAIMS) if (reader.has(label)) reader.refuse(label, 'stands outside the group')
  if (reader.has(otherForm)) reader.refuse(otherForm, 'is of the other form of a report')
  return reader.findings.length > 0 ? reader.findings : statement
}
