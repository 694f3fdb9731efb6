import type { Channel, Member } from '../compatible/set.ts'
import { bodyKey } from '../policy-index.ts'

/** One member's description of one memory. */
export interface MemoryView {
  readonly member: number
  readonly memory: number
}

/**
 * Which descriptions in several policies are of one memory: those that share granules now, and those of one name, kind
 * and size whose authors either hold it in each other's view or are no holders and describe the same holders.
 *
 * A name alone is not enough: a stranger's memory that borrows a name must not be taken for the one that an assumption
 * or an assertion means. Taking two for different only splits a memory in the graph: each keeps the edges of its own
 * description, and a stranger that joins by `any` is the host already.
 * @param order Members in the order in which their descriptions come first.
 * @param componentsOf The components that each peer of a member's policy stands for.
 */
export function sameMemories(
  members: readonly Member[],
  channels: readonly Channel[],
  order: readonly number[],
  componentsOf: (member: number) => readonly (readonly number[])[],
): readonly (readonly MemoryView[])[] {
  const union = new ViewUnion(members)
  for (const { holders } of channels) for (const holder of holders) union.join(holders[0]!, holder)
  const firstOfBody = new Map<string, number>()
  const described = new Map<string, (MemoryView & { readonly holders: ReadonlySet<number> })[]>()
  for (const member of order) {
    const { policy } = members[member]!
    const body = bodyKey(policy)
    const twin = firstOfBody.get(body)
    firstOfBody.set(body, twin ?? member)
    for (const [memory, { name, kind, granules, mappings }] of policy.memories.entries()) {
      if (twin !== undefined) union.join({ member: twin, memory }, { member, memory })
      const holders = new Set(mappings.flatMap(({ peer }) => (peer === null ? [] : componentsOf(member)[peer]!)))
      const key = `${kind} ${granules} ${name}`
      const others = described.get(key) ?? []
      const view = { member, memory, holders }
      for (const other of others) if (agree(view, other)) union.join(other, view)
      // Twins describe the same memory to everybody: one of them speaks for all, unless it is a holder itself.
      if (twin === undefined || holders.has(member)) others.push(view)
      described.set(key, others)
    }
  }
  return union.groups(order)
}

interface DescribedView extends MemoryView {
  readonly holders: ReadonlySet<number>
}

function agree(a: DescribedView, b: DescribedView): boolean {
  const aHolds = a.holders.has(a.member)
  const bHolds = b.holders.has(b.member)
  if (aHolds && !b.holders.has(a.member)) return false
  if (bHolds && !a.holders.has(b.member)) return false
  return aHolds || bHolds || (a.holders.size === b.holders.size && [...a.holders].every((peer) => b.holders.has(peer)))
}

/** Disjoint sets of views (union by the smaller root, with path halving). */
class ViewUnion {
  readonly #members: readonly Member[]
  readonly #offsets: number[] = []
  readonly #parents: number[] = []

  constructor(members: readonly Member[]) {
    this.#members = members
    for (const { policy } of members) {
      this.#offsets.push(this.#parents.length)
      for (const _ of policy.memories) this.#parents.push(this.#parents.length)
    }
  }

  #root(index: number): number {
    let root = index
    while (this.#parents[root] !== root) {
      this.#parents[root] = this.#parents[this.#parents[root]!]!
      root = this.#parents[root]!
    }
    return root
  }

  join(a: MemoryView, b: MemoryView): void {
    const rootA = this.#root(this.#offsets[a.member]! + a.memory)
    const rootB = this.#root(this.#offsets[b.member]! + b.memory)
    this.#parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB)
  }

  /** The sets, and the views in each, in the order of members given. */
  groups(order: readonly number[]): readonly (readonly MemoryView[])[] {
    const groups = new Map<number, MemoryView[]>()
    for (const member of order) {
      for (const memory of this.#members[member]!.policy.memories.keys()) {
        const root = this.#root(this.#offsets[member]! + memory)
        const group = groups.get(root)
        if (group === undefined) groups.set(root, [{ member, memory }])
        else group.push({ member, memory })
      }
    }
    return [...groups.values()]
  }
}
