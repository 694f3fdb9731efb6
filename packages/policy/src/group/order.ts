import { compareBytes } from '../cbor/value.ts'
import { RPV_BYTES } from '../limits.ts'
import { PolicyDigests } from './digests.ts'
import type { Group, GroupMember } from './group.ts'

/**
 * The canonical order of a group's members: the index in `group.members` of the first, the second, and so on.
 *
 * By RIM, personalization value, policy digest, REMs and chain head (none first); then by their channels, which are compared by which memory is
 * shared with members of which rank, refined until nothing changes. Members that are then still alike are
 * interchangeable; they are told apart by the order of the input, and what their channels reach follows from that.
 */
export function groupOrder(group: Group, digests: PolicyDigests = new PolicyDigests()): readonly number[] {
  const { members } = group
  const keys = members.map((member) => sortKeys(member, digests))
  const compare = (a: number, b: number): number => compareLists(keys[a]!, keys[b]!)
  let ranks = rank([...members.keys()], compare)
  const holdings = holdingsOf(group)
  const parts = connectedParts(group)
  for (;;) {
    ranks = refine(ranks, holdings)
    const tied = firstTie(ranks)
    if (tied === undefined) break
    ranks = individualize(ranks, tied, parts)
  }
  const order: number[] = new Array(members.length)
  for (const [member, position] of ranks.entries()) order[position] = member
  return order
}

function sortKeys(member: GroupMember, digests: PolicyDigests): readonly Uint8Array[] {
  const rems = member.rems ?? digests.remsOfPolicy(member)
  const chainHead = member.chainHead ?? new Uint8Array()
  return [member.rim, member.rpv ?? new Uint8Array(RPV_BYTES), digests.of(member), ...rems, chainHead]
}

function compareLists(a: readonly Uint8Array[], b: readonly Uint8Array[]): number {
  for (const [i, bytes] of a.entries()) {
    const difference = compareBytes(bytes, b[i] ?? new Uint8Array())
    if (difference !== 0) return difference
  }
  return 0
}

/** For each member, its channels: its own memory there, and the other holders. */
type Holdings = readonly (readonly { readonly memory: number; readonly channel: number }[])[]

interface GroupHoldings {
  readonly ofMember: Holdings
  readonly channels: Group['channels']
}

function holdingsOf({ members, channels }: Group): GroupHoldings {
  const ofMember: { memory: number; channel: number }[][] = members.map(() => [])
  for (const [channel, { holders }] of channels.entries()) {
    for (const { member, memory } of holders) ofMember[member]?.push({ memory, channel })
  }
  return { ofMember, channels }
}

/** Rank of each item: how many items are strictly before it. */
function rank(members: readonly number[], compare: (a: number, b: number) => number): readonly number[] {
  const sorted = [...members].sort((a, b) => compare(a, b) || a - b)
  const ranks: number[] = new Array(members.length)
  let first = 0
  for (const [position, member] of sorted.entries()) {
    if (position > 0 && compare(sorted[position - 1]!, member) !== 0) first = position
    ranks[member] = first
  }
  return ranks
}

/** Splits ranks by channels until no channel tells two members of one rank apart. */
function refine(initial: readonly number[], { ofMember, channels }: GroupHoldings): readonly number[] {
  let ranks = initial
  for (;;) {
    const channelKeys = channels.map(({ holders }) =>
      holders
        .map(({ member, memory }) => `${padded(ranks[member]!)}/${padded(memory)}`)
        .sort()
        .join(','),
    )
    // Ranks of channels stand for their keys, which may be long and are shared by many members.
    const channelRanks = rank([...channelKeys.keys()], (a, b) => compareTexts(channelKeys[a]!, channelKeys[b]!))
    const memberKeys = ofMember.map((held) =>
      held
        .map(({ memory, channel }) => `${padded(memory)}:${padded(channelRanks[channel]!)}`)
        .sort()
        .join(';'),
    )
    const current = ranks
    const next = rank([...current.keys()], (a, b) => {
      if (current[a] !== current[b]) return current[a]! - current[b]!
      return compareTexts(memberKeys[a]!, memberKeys[b]!)
    })
    if (next.every((value, member) => value === current[member])) return next
    ranks = next
  }
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

// Fixed width, so that the order of the texts is the order of the numbers.
function padded(value: number): string {
  return String(value).padStart(16, '0')
}

/**
 * Tells the members of a tie apart: all of them, in the order of the input, if no two are connected by channels, so that
 * what follows for one says nothing about another; else the earliest alone, before the others.
 */
function individualize(ranks: readonly number[], tied: number, parts: readonly number[]): readonly number[] {
  const alike = [...ranks.keys()].filter((member) => ranks[member] === ranks[tied])
  const apart = new Set(alike.map((member) => parts[member])).size === alike.length
  const steps = new Map(alike.map((member, step) => [member, apart ? step : Math.min(step, 1)]))
  return ranks.map((value, member) => value + (steps.get(member) ?? 0))
}

/** For each member, a number that it shares with exactly those that channels connect it to, through any others. */
function connectedParts({ members, channels }: Group): readonly number[] {
  const parents = [...members.keys()]
  const root = (member: number): number => {
    let at = member
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]!]!
      at = parents[at]!
    }
    return at
  }
  for (const { holders } of channels) {
    for (const { member } of holders) parents[root(member)] = root(holders[0]!.member)
  }
  return parents.map((_, member) => root(member))
}

/** The earliest member of the lowest rank that several members have. */
function firstTie(ranks: readonly number[]): number | undefined {
  const first = new Map<number, number>()
  let tied: number | undefined
  for (const [member, value] of ranks.entries()) {
    const earlier = first.get(value)
    if (earlier === undefined) first.set(value, member)
    else if (tied === undefined || value < ranks[tied]!) tied = earlier
  }
  return tied
}
