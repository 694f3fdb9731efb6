import { GRANULE_SIZE, type GranuleIndex } from '@mica/hw-sim'
import type { Policy } from '@mica/policy'
import type { ListedRange } from './frozen-policy.ts'
import { type Refusal, refuse } from './refusal.ts'
import type { MicaRealm, SharedMemory } from './state.ts'

/** A protected memory of a policy, found among the shared granules that the host has mapped into its Realm. */
export interface ClaimedMemory {
  /** Index in the policy. */
  readonly memory: number
  readonly base: number
  readonly rights: number
  readonly granules: readonly GranuleIndex[]
  /** Memories that other Realms with a policy hold and that contain some of these granules. */
  readonly known: ReadonlySet<SharedMemory>
  /** Whether an owner has revoked any of it. */
  readonly isRevoked: boolean
}

/**
 * Upload step 4: the shared mappings of a Realm and the protected memories of its policy, one to one. Memories with an
 * address lie there; the others take what remains, in ascending addresses and in the order of the policy.
 *
 * @returns In order: a memory that leaves the Realm's protected half, one that shared granules do not cover, a mapping
 *   that belongs to none, a granule mapped twice; or the memories.
 */
export function claimMemories(member: MicaRealm, policy: Policy): readonly ClaimedMemory[] | Refusal {
  const unclaimed = [...member.mappings.keys()].sort((a, b) => a - b)
  const own = policy.memories.flatMap((memory, index) => {
    const mapping = memory.mappings.find(({ peer }) => peer === policy.self)
    return memory.kind === 'protected' && mapping !== undefined ? [{ memory, index, mapping }] : []
  })
  const bases = new Map<number, number>()
  // Pinned memories first: what they leave is for the others.
  for (const pinned of [true, false]) {
    for (const { memory, index, mapping } of own) {
      if ((mapping.ipaGranule !== null) !== pinned) continue
      const base = mapping.ipaGranule === null ? unclaimed[0] : mapping.ipaGranule * GRANULE_SIZE
      const size = memory.granules * GRANULE_SIZE
      if (base !== undefined && !member.realm.isProtected(base + size - 1)) {
        return refuse(4, 'memory-outside-realm', { memory: memory.name })
      }
      if (base === undefined || !takeRange(unclaimed, base, memory.granules)) {
        return refuse(4, 'memory-not-covered', { memory: memory.name })
      }
      bases.set(index, base)
    }
  }
  if (unclaimed.length > 0) return refuse(4, 'mapping-unlisted', { mappings: unclaimed.length })
  const claimed = own.map(({ memory, index, mapping }) =>
    claimAt(member, { memory: index, base: bases.get(index)!, granules: memory.granules, rights: mapping.rights }),
  )
  const seen = new Set(claimed.flatMap(({ granules }) => granules))
  return seen.size === member.mappings.size ? claimed : refuse(4, 'granule-twice')
}

/** Removes `count` consecutive pages from a sorted list; false, and nothing removed, if one is missing. */
function takeRange(sorted: number[], base: number, count: number): boolean {
  const first = lowerBound(sorted, base)
  // Sorted, distinct, page-aligned, and none before `base`: if the last is where it belongs, all are.
  if (sorted[first + count - 1] !== base + (count - 1) * GRANULE_SIZE) return false
  sorted.splice(first, count)
  return true
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** A memory of a policy at an address where all of its pages are mapped. */
function claimAt(
  member: MicaRealm,
  { memory, base, granules: count, rights }: { memory: number; base: number; granules: number; rights: number },
): ClaimedMemory {
  const granules: GranuleIndex[] = []
  const known = new Set<SharedMemory>()
  let isRevoked = false
  for (let page = 0; page < count; page++) {
    const shared = member.mappings.get(base + page * GRANULE_SIZE)!
    granules.push(shared.granule)
    if (shared.memory === undefined) continue
    if (shared.memory.revoked) isRevoked = true
    if (shared.memory.holders.length > 0) known.add(shared.memory)
  }
  return { memory, base, rights, granules, known, isRevoked }
}

/** The same memory once more, for a Realm with a policy: absent if the host has taken a page of it out meanwhile. */
export function claimAgain(member: MicaRealm, { memory, base, size, rights }: ListedRange): ClaimedMemory | undefined {
  for (let ipa = base; ipa < base + size; ipa += GRANULE_SIZE) if (!member.mappings.has(ipa)) return undefined
  return claimAt(member, { memory, base, granules: size / GRANULE_SIZE, rights })
}
