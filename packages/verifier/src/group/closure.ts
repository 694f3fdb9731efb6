import type { Policy } from '@mica/policy'
import { toHex } from '../bytes.ts'
import { type Finding, finding, shown } from '../findings.ts'
import type { MemberClaims, OpenedGroup } from './members.ts'

/**
 * What of a member's policy lets strangers in: `any`, `open` peers, and peers without identity. Unprotected memory is
 * no stranger but the host, which assertions judge.
 */
export function checkClosed(member: MemberClaims): readonly Finding[] {
  return openEnds(member.policy).map((end) => {
    return finding('not-closed', `the policy of \`${shown(member.peer)}\` ${end}`, {
      member: member.label,
      claim: 'realm -75010 policy',
    })
  })
}

function openEnds(policy: Policy): string[] {
  const anybody = policy.memories.filter((memory) => memory.mappings.some((mapping) => mapping.peer === null))
  return [
    ...anybody.map((memory) => `lets any component into memory \`${shown(memory.name)}\``),
    ...policy.peers.filter((peer) => !peer.strict).map((peer) => `leaves peer \`${shown(peer.name)}\` open`),
    ...policy.peers
      .filter((peer) => peer.rims.length === 0)
      .map((peer) => `gives peer \`${shown(peer.name)}\` no identity`),
  ]
}

/**
 * Every member must be tied to the requester: over shared memory, or because one of two policies names the other.
 * A Realm that is not has no place in this group's report.
 */
export function checkRelated(opened: OpenedGroup, requester: number): readonly Finding[] {
  const { members } = opened
  const ties = tiesOf(opened)
  const reached = new Set([requester])
  const followed = new Set<string>()
  // A set grows while it is walked, and each tie is followed once: the walk is linear in members and ties.
  for (const member of reached) {
    for (const tie of ties.from[member]!) {
      if (followed.has(tie)) continue
      followed.add(tie)
      for (const other of ties.to.get(tie) ?? []) reached.add(other)
    }
  }
  return [...members.entries()]
    .filter(([index]) => !reached.has(index))
    .map(([, { label }]) =>
      finding('unrelated-member', `\`${label}\` shares nothing with the requester's group`, { member: label }),
    )
}

/** What leads from a member to others: a channel; a measurement it names, to who has it; its own, to who names it. */
function tiesOf({ members, channels }: OpenedGroup) {
  const from: string[][] = members.map(() => [])
  const to = new Map<string, number[]>()
  const arrive = (tie: string, member: number): void => {
    const at = to.get(tie)
    if (at === undefined) to.set(tie, [member])
    else at.push(member)
  }
  for (const [index, member] of members.entries()) {
    const own = toHex(member.rim)
    from[index]!.push(`who names ${own}`)
    arrive(`who has ${own}`, index)
    const others = member.policy.peers.filter((_, peer) => peer !== member.policy.self)
    for (const rim of new Set(others.flatMap((peer) => peer.rims.map(toHex)))) {
      from[index]!.push(`who has ${rim}`)
      arrive(`who names ${rim}`, index)
    }
  }
  for (const [index, { holders }] of channels.entries()) {
    for (const { member } of holders) {
      from[member]!.push(`channel ${index}`)
      arrive(`channel ${index}`, member)
    }
  }
  return { from, to }
}
