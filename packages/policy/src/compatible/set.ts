import { type Fact, makeFact } from '../facts.ts'
import { checkSelf, fittingMappings, type Identity } from '../identity.ts'
import type { Mapping, Policy } from '../model.ts'
import { memoriesByName, memoriesOfPeers } from '../policy-index.ts'
import { checkPair, type SharedMemory } from './pair.ts'
import { selfName } from './view.ts'

/** A Realm with a frozen policy. */
export interface Member extends Identity {
  readonly policy: Policy
}

/** One set of shared granules and who holds it: indices of members, and of the memory in each one's policy. */
export interface Channel {
  readonly holders: readonly { readonly member: number; readonly memory: number }[]
}

/** What is wrong with some members of a set, and with which: by index, one or two. */
export interface SetFact extends Fact {
  readonly members: readonly number[]
}

/**
 * Whether members may stand together: each is what its policy says, every two that share memory agree, every mapping
 * has one holder at most, and no `any` is over its count.
 *
 * @returns Everything wrong, members first, then channels, then pairs; empty for a compatible set. It does not depend
 *   on the order in which the members joined, except for which of two policies a fact about a pair speaks.
 */
export function compatibleSet(members: readonly Member[], channels: readonly Channel[]): readonly SetFact[] {
  const facts = members.flatMap((member, index) => about([index], checkSelf(member.policy, member)))
  const known = checkHolders(members, channels)
  // Indices that lead nowhere come from evidence of strangers; with them no other check means anything.
  if (known.length > 0) return [...facts, ...known]
  for (const channel of channels) facts.push(...checkCounts(members, channel))
  for (const [pair, shared] of sharedByPair(members.length, channels)) {
    const [first, second] = [Math.floor(pair / members.length), pair % members.length]
    const mine = members[first]!
    const theirs = members[second]!
    facts.push(...about([first, second], checkPair(mine.policy, mine, theirs.policy, theirs, shared)))
  }
  return facts
}

function about(members: readonly number[], fact: Fact | undefined): SetFact[] {
  return fact === undefined ? [] : [{ ...fact, members }]
}

/** Every holder has the memory by its own policy, in one channel, and that channel as one memory. */
function checkHolders(members: readonly Member[], channels: readonly Channel[]): SetFact[] {
  const facts: SetFact[] = []
  const held = new Set<string>()
  for (const { holders } of channels) {
    const here = new Set<number>()
    for (const { member, memory } of holders) {
      const policy = members[member]?.policy
      const listed = policy?.memories[memory]
      const wrong = (fact: Fact): void => void facts.push({ ...fact, members: [member] })
      if (policy === undefined || listed === undefined) wrong(makeFact('memory-unknown', { member, memory }))
      else if (listed.kind !== 'protected' || !listed.mappings.some(({ peer }) => peer === policy.self)) {
        wrong(makeFact('self-not-in-memory', { peer: selfName(policy), memory: listed.name }))
      } else if (here.has(member) || held.has(`${member} ${memory}`)) {
        wrong(makeFact('memory-held-twice', { member, memory: listed.name }))
      }
      here.add(member)
      held.add(`${member} ${memory}`)
    }
  }
  return facts
}

/** As each holder's policy sees the others: one for a named place, no more than its count for `any`. */
function checkCounts(members: readonly Member[], { holders }: Channel): readonly SetFact[] {
  const facts: SetFact[] = []
  for (const { member, memory } of holders) {
    const { policy } = members[member]!
    const { mappings, name } = policy.memories[memory]!
    const counts = new Map<Mapping, number>()
    for (const other of holders) {
      if (other.member === member) continue
      const fitting = fittingMappings(policy, memory, members[other.member]!)
      // None, or more than one, is the business of the pair.
      const mapping = fitting.length === 1 ? mappings[fitting[0]!]! : undefined
      if (mapping !== undefined) counts.set(mapping, (counts.get(mapping) ?? 0) + 1)
    }
    for (const [mapping, others] of counts) {
      // Self holds its own place: another that fits it finds it taken.
      const count = mapping.peer === policy.self ? others + 1 : others
      const limit = mapping.peer === null ? (mapping.anyCount ?? Number.POSITIVE_INFINITY) : 1
      const by = selfName(policy)
      if (count <= limit) continue
      const fact =
        mapping.peer === null
          ? makeFact('any-over-count', { memory: name, by, count, limit })
          : makeFact('mapping-held', { memory: name, by, count })
      facts.push({ ...fact, members: [member] })
    }
  }
  return facts
}

/** The memories that every two members share, by `mine * count + theirs` with mine < theirs. */
function sharedByPair(count: number, channels: readonly Channel[]): ReadonlyMap<number, readonly SharedMemory[]> {
  const pairs = new Map<number, SharedMemory[]>()
  for (const { holders } of channels) {
    for (const mine of holders) {
      for (const theirs of holders) {
        if (mine.member >= theirs.member) continue
        const pair = mine.member * count + theirs.member
        const shared = pairs.get(pair) ?? []
        shared.push({ mine: mine.memory, theirs: theirs.memory })
        pairs.set(pair, shared)
      }
    }
  }
  return pairs
}

/**
 * The channels that members would have if each memory name were one set of granules: how policies are checked against
 * each other before there is a machine.
 */
export function channelsByName(members: readonly Member[]): readonly Channel[] {
  const byName = new Map<string, { member: number; memory: number }[]>()
  for (const [member, { policy }] of members.entries()) {
    const own = new Set(memoriesOfPeers(policy)[policy.self])
    for (const [name, memory] of memoriesByName(policy)) {
      if (!own.has(memory) || policy.memories[memory]!.kind !== 'protected') continue
      const holders = byName.get(name) ?? []
      holders.push({ member, memory })
      byName.set(name, holders)
    }
  }
  return [...byName.values()].map((holders) => ({ holders }))
}
