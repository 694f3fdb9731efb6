import { compatibleSet, describeFact, fittingMappings } from '@mica/policy'
import { equalBytes } from '../bytes.ts'
import { type Finding, finding, short, shown } from '../findings.ts'
import { type AssertionClaims, appraiseAssertions } from './assertions.ts'
import { checkClosed, checkRelated } from './closure.ts'
import type { GroupExpectations } from './expectations.ts'
import type { ChannelClaims, MemberClaims, OpenedGroup } from './members.ts'
import { checkRems } from './rems.ts'

/** What a group report says, once it is believed, and what follows from it. */
export interface GroupClaims extends OpenedGroup {
  /** Index of the member that asked for the report. */
  readonly requester: number
  /** Expected peers that are no members now. They count with all that the policies' entries for them allow. */
  readonly absent: readonly string[]
  readonly assertions: readonly AssertionClaims[]
  /** Peers through which data can leave the group: its trusted computing base. */
  readonly leakers: readonly string[]
}

/** The claims of a group, and everything found in them. */
export interface GroupAppraisal {
  readonly group: GroupClaims
  readonly findings: readonly Finding[]
}

/**
 * Appraises an opened group.
 *
 * @returns Findings in the order `requester-not-a-member`; per member `unexpected-member`, `peer-identity`,
 *   `rem-not-policy`; `incompatible`; `unrelated-member`; `not-closed`; `missing-member`, `channel-inactive`;
 *   `assertion-digest`, `assertion`; and the note `residual-flow`.
 */
export function appraiseGroup(opened: OpenedGroup, requester: number, expectations: GroupExpectations): GroupAppraisal {
  const { members } = opened
  const absent = [...expectations.peers.keys()].filter((name) => !members.some((member) => member.peer === name))
  if (requester >= members.length) {
    // Names mean what they mean to the requester, so without one there is nothing more to judge.
    const detail = `requester ${requester} of ${members.length} members`
    const found = finding('requester-not-a-member', detail, { claim: 'realm -75011' })
    return { group: { ...opened, requester, absent, assertions: [], leakers: [] }, findings: [found] }
  }
  const { assertions, leakers, findings: flow } = appraiseAssertions(opened, requester, expectations)
  const findings = [
    ...members.flatMap((member) => [
      ...checkImage(member, expectations),
      ...checkPeers(member, expectations),
      ...checkRems(member),
    ]),
    ...checkCompatible(opened),
    ...checkRelated(opened, requester),
    ...(expectations.closed === false ? [] : members.flatMap(checkClosed)),
    ...checkPresent(absent, expectations),
    ...checkActive(opened, requester, expectations),
    ...flow,
  ]
  return { group: { ...opened, requester, absent, assertions, leakers }, findings }
}

const admits = (rims: readonly Uint8Array[] | undefined, rim: Uint8Array): boolean =>
  rims?.some((known) => equalBytes(known, rim)) ?? false

/** A member is who the lock says has that name: by its measurement, never by the name alone. */
function checkImage(member: MemberClaims, { peers }: GroupExpectations): Finding[] {
  if (admits(peers.get(member.peer), member.rim)) return []
  const known = [...peers].find(([, rims]) => admits(rims, member.rim))
  const who = known === undefined ? 'no expected image' : `the image of \`${shown(known[0])}\``
  const detail = `\`${shown(member.peer)}\` has initial measurement ${short(member.rim)}, ${who}`
  return [finding('unexpected-member', detail, { member: member.label, claim: 'realm -75010 rim' })]
}

/**
 * Whoever a policy names must be the expected image of that name too: the assertions are about names, and an absent
 * peer may still arrive. Peers without identity need no check: they count as the host.
 */
function checkPeers(member: MemberClaims, { peers }: GroupExpectations): Finding[] {
  const wrong = member.policy.peers.filter((peer) => peer.rims.some((rim) => !admits(peers.get(peer.name), rim)))
  return wrong.map((peer) => {
    const detail = `the policy of \`${shown(member.peer)}\` admits another image as \`${shown(peer.name)}\` than the expected`
    return finding('peer-identity', detail, { member: member.label, claim: 'realm -75010 policy' })
  })
}

/** The monitor's own code decides whether the policies agree; the verifier runs it on what the report says. */
function checkCompatible({ members, channels }: OpenedGroup): Finding[] {
  return compatibleSet(members, channels).map((fact) => {
    const by = fact.facts['by'] ?? fact.facts['peer']
    const member = typeof by === 'string' ? shown(by) : undefined
    return finding('incompatible', describeFact(fact), { member, claim: 'realm -75010 policy', rule: fact.rule })
  })
}

function checkPresent(absent: readonly string[], { present = [] }: GroupExpectations): Finding[] {
  const missing = present === 'all' ? absent : absent.filter((name) => present.includes(name))
  return missing.map((name) =>
    finding('missing-member', `\`${shown(name)}\` is not in the group`, { member: shown(name) }),
  )
}

function checkActive(opened: OpenedGroup, requester: number, { active = [] }: GroupExpectations): Finding[] {
  const idle = active.filter(
    (name) => !opened.channels.some((channel) => channel.active && isMeant(opened, requester, channel, name)),
  )
  return idle.map((name) => finding('channel-inactive', `channel \`${shown(name)}\` is not held by two members`))
}

/**
 * Whether a channel is the one that the requester calls so. Others may have a memory of that name among themselves, so
 * the requester holds it, or it has no place there and everyone who holds it has.
 */
function isMeant({ members }: OpenedGroup, requester: number, { holders }: ChannelClaims, name: string): boolean {
  const { policy } = members[requester]!
  const meant = policy.memories.findIndex((memory) => memory.name === name)
  const mappings = policy.memories[meant]?.mappings ?? []
  if (mappings.some(({ peer }) => peer === policy.self)) {
    return holders.some(({ member, memory }) => member === requester && memory === meant)
  }
  return holders.every(({ member, memory }) => {
    const holder = members[member]!
    return holder.policy.memories[memory]!.name === name && fittingMappings(policy, meant, holder).length === 1
  })
}
