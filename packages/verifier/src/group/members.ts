import {
  type DecodedGroup,
  type DecodedMember,
  decodeGroup,
  describeFact,
  type HashAlgorithm,
  type Policy,
} from '@mica/policy'
import { type Finding, finding, shown } from '../findings.ts'

/** One Realm of the group, with its policy decoded. */
export interface MemberClaims {
  /** What findings and reports call it: the peer's name, with the index where that is not unique. */
  readonly label: string
  /** The name that its own policy gives it: a label until the images are compared. */
  readonly peer: string
  readonly rim: Uint8Array
  /** 64 bytes, zeroes for none. */
  readonly rpv: Uint8Array
  /** Four, or `undefined` when nothing but the policy was ever extended. */
  readonly rems?: readonly Uint8Array[] | undefined
  readonly hashAlgorithm: HashAlgorithm
  readonly policy: Policy
  readonly policyDigest: Uint8Array
  /** Head of the member's chain of joins, leaves and revocations. */
  readonly chainHead?: Uint8Array | undefined
}

/** One set of shared granules, and who holds it now. */
export interface ChannelClaims {
  /** Name of the memory, the same in the policy of every holder. */
  readonly name: string
  readonly holders: readonly { readonly member: number; readonly memory: number }[]
  /** Whether two or more members hold it: only then can anything pass. */
  readonly active: boolean
}

/** A group whose every policy has been expanded, compared with its digest and decoded. */
export interface OpenedGroup {
  readonly members: readonly MemberClaims[]
  readonly channels: readonly ChannelClaims[]
}

const RPV_LENGTH = 64

/**
 * Reads a group claim: expands every policy to the blob its digest names, and decodes it.
 * @returns The group, or one `group` finding.
 */
export function readGroup(groupBytes: Uint8Array): DecodedGroup | Finding {
  const decoded = decodeGroup(groupBytes)
  if (decoded.kind === 'group') return decoded.group
  return groupFinding(describeFact(decoded.fact), { rule: decoded.fact.rule })
}

/**
 * Opens a group: names its members and channels, and checks every index.
 * @returns The group, or one `group` finding.
 */
export function openGroup(group: DecodedGroup): OpenedGroup | Finding {
  const members = group.members.map(openMember)
  const channels = openChannels(group, members)
  return 'code' in channels ? channels : { members: withUniqueLabels(members), channels }
}

const groupFinding = (detail: string, place: { member?: string; rule?: string } = {}): Finding =>
  finding('group', `group claim: ${detail}`, { claim: 'realm -75010', ...place })

function openMember(member: DecodedMember): MemberClaims {
  const { policy } = member
  // INVARIANT: the decoder admits no self index outside the peers.
  const { name } = policy.peers[policy.self]!
  return {
    label: name,
    peer: name,
    rim: member.rim,
    rpv: member.rpv ?? new Uint8Array(RPV_LENGTH),
    rems: member.rems,
    hashAlgorithm: member.hashAlgorithm,
    policy,
    policyDigest: member.policyDigest,
    chainHead: member.chainHead,
  }
}

/**
 * Replicas, and peers that different authors gave one name, are told apart by their place in the group. So are those
 * whose name looks like such a label: findings, results and disclosures go by labels.
 */
function withUniqueLabels(members: readonly MemberClaims[]): readonly MemberClaims[] {
  const names = members.map(({ peer }) => shown(peer))
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return members.map((member, index) => {
    const name = names[index]!
    return { ...member, label: counts.get(name) === 1 && !name.includes('#') ? name : `${name}#${index}` }
  })
}

/** Names each channel by its memory. Whether its holders may hold it is for the compatibility of the set to say. */
function openChannels(group: DecodedGroup, members: readonly MemberClaims[]): readonly ChannelClaims[] | Finding {
  const channels: ChannelClaims[] = []
  for (const [index, { holders }] of group.channels.entries()) {
    const names = holders.map(({ member, memory }) => members[member]?.policy.memories[memory]?.name)
    const [name] = names
    if (name === undefined || names.includes(undefined))
      return groupFinding(`channel ${index} names no memory of a member`)
    channels.push({ name, holders, active: new Set(holders.map((holder) => holder.member)).size > 1 })
  }
  return channels
}
