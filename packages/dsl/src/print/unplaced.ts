import { assignAddresses, type WorkflowMemory } from '@mica/policy'

/**
 * Memories without the addresses that the automatic layout gives them anyway; one that lies elsewhere keeps its own.
 *
 * A memory that keeps its address may be in the way of another, so the layout is asked until nothing moves.
 */
export function unplaced(memories: readonly WorkflowMemory[]): readonly WorkflowMemory[] {
  // An address of `any` is never automatic: it was written, for all ends of the memory.
  const kept = new Set(memories.flatMap((memory, index) => (memory.mappings.some(isPlacedAny) ? [index] : [])))
  for (;;) {
    const free = memories.map((memory, index) => (kept.has(index) ? memory : withoutAddresses(memory)))
    const assignment = assignAddresses(free)
    if (assignment.kind === 'refused') return memories
    const moved = [...memories.keys()].filter(
      (index) => !kept.has(index) && !samePlaces(memories[index], assignment.memories[index]),
    )
    if (moved.length === 0) return free
    for (const index of moved) kept.add(index)
  }
}

const isPlacedAny = ({ peer, ipaGranule }: WorkflowMemory['mappings'][number]): boolean =>
  peer === null && ipaGranule !== null

function withoutAddresses(memory: WorkflowMemory): WorkflowMemory {
  return { ...memory, mappings: memory.mappings.map((mapping) => ({ ...mapping, ipaGranule: null })) }
}

function samePlaces(one: WorkflowMemory | undefined, other: WorkflowMemory | undefined): boolean {
  return one?.mappings.every((mapping, index) => mapping.ipaGranule === other?.mappings[index]?.ipaGranule) === true
}
