import { sha256 } from '@noble/hashes/sha2.js'
import { encodeUtf8 } from './cbor/utf8.ts'
import { type Fact, makeFact } from './facts.ts'
import type { Memory, WorkflowMemory } from './model.ts'

/** Granules of one slot: 2 MiB, so that a small memory never shares a level-3 table with another. */
export const SLOT_GRANULES = 512

/** Slots in one half of the address space. */
export const SLOTS = 65_536

/** Memories with an address for every named peer, in the order given, or why there is none. */
export type AddressAssignment =
  | { readonly kind: 'assigned'; readonly memories: readonly WorkflowMemory[] }
  | { readonly kind: 'refused'; readonly fact: Fact }

/**
 * Gives every memory an address: slot SHA-256(name)[0..1] (the first two bytes, most significant first) of its half,
 * as many slots as its size needs, the same in all its peers.
 *
 * Mappings with an address keep it and are placed first; the others follow by name, in order of code units. A memory
 * whose slots are taken in any of its peers takes the next free run, beginning again at slot 0 after the last. `any`
 * is given no address: components that nobody names are placed by their own policies.
 */
export function assignAddresses(memories: readonly WorkflowMemory[]): AddressAssignment {
  const taken = new TakenSlots()
  for (const memory of memories) {
    for (const { peer, ipaGranule } of memory.mappings) {
      if (ipaGranule === null) continue
      const first = Math.floor(ipaGranule / SLOT_GRANULES)
      const last = Math.floor((ipaGranule + memory.granules - 1) / SLOT_GRANULES)
      taken.take(memory, peer, first, last - first + 1)
    }
  }
  const assigned = [...memories]
  const byName = [...memories.keys()].sort((a, b) => (memories[a]!.name < memories[b]!.name ? -1 : 1))
  for (const index of byName) {
    const memory = memories[index]!
    const open = memory.mappings.flatMap(({ peer, ipaGranule }) => (ipaGranule === null && peer !== null ? [peer] : []))
    if (open.length === 0) continue
    const count = Math.ceil(memory.granules / SLOT_GRANULES)
    const slot = taken.nextFree(memory, open, firstSlot(memory.name), count)
    if (slot === undefined) {
      return { kind: 'refused', fact: makeFact('no-free-address', { memory: memory.name }, [memory.origin]) }
    }
    for (const peer of open) taken.take(memory, peer, slot, count)
    assigned[index] = {
      ...memory,
      mappings: memory.mappings.map((mapping) =>
        mapping.ipaGranule === null && mapping.peer !== null
          ? { ...mapping, ipaGranule: slot * SLOT_GRANULES }
          : mapping,
      ),
    }
  }
  return { kind: 'assigned', memories: assigned }
}

function firstSlot(name: string): number {
  const digest = sha256(encodeUtf8(name) ?? new Uint8Array())
  return digest[0]! * 256 + digest[1]!
}

/** The slots of each peer that hold a memory, for each half of the address space. */
class TakenSlots {
  readonly #slots = new Map<string, Set<number>>()

  #of({ kind }: Memory, peer: number): Set<number> {
    const key = `${kind} ${peer}`
    const slots = this.#slots.get(key) ?? new Set()
    this.#slots.set(key, slots)
    return slots
  }

  take(memory: Memory, peer: number | null, first: number, count: number): void {
    if (peer === null) return
    const slots = this.#of(memory, peer)
    for (let slot = first; slot < first + count; slot++) slots.add(slot)
  }

  /** The first run of `count` slots from `start` on that is free in every one of `peers`. */
  nextFree(memory: Memory, peers: readonly number[], start: number, count: number): number | undefined {
    const sets = peers.map((peer) => this.#of(memory, peer))
    // A run does not wrap around the end of the address space; where it begins does.
    for (const [from, limit] of [
      [start, SLOTS],
      [0, Math.min(start + count - 1, SLOTS)],
    ] as const) {
      let run = 0
      for (let slot = from; slot < limit; slot++) {
        run = sets.some((slots) => slots.has(slot)) ? 0 : run + 1
        if (run === count) return slot - count + 1
      }
    }
    return undefined
  }
}
