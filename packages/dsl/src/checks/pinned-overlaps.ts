import type { WorkflowMemory } from '@mica/policy'
import * as messages from '../diagnostics.ts'
import type { Check } from './check.ts'

/**
 * Memories of one peer do not overlap.
 *
 * Addresses that nobody wrote are chosen free of overlaps, so what overlaps was pinned by `at`.
 */
export const pinnedOverlaps: Check = ({ workflow, scope }, report) => {
  const halves = new Map<string, { first: number; memory: WorkflowMemory; peer: number }[]>()
  for (const memory of workflow.memories) {
    for (const { peer, ipaGranule } of memory.mappings) {
      // `any` is another component in each memory.
      if (peer === null || ipaGranule === null) continue
      const half = halves.get(`${memory.kind} ${peer}`) ?? []
      half.push({ first: ipaGranule, memory, peer })
      halves.set(`${memory.kind} ${peer}`, half)
    }
  }
  const reported = new Set<string>()
  for (const half of halves.values()) {
    half.sort((a, b) => a.first - b.first)
    let widest = half[0]
    for (const next of half.slice(1)) {
      if (widest === undefined) break
      if (next.first < widest.first + widest.memory.granules) reportOnce(next, widest.memory)
      if (next.first + next.memory.granules > widest.first + widest.memory.granules) widest = next
    }
  }

  function reportOnce({ memory, peer }: { memory: WorkflowMemory; peer: number }, other: WorkflowMemory): void {
    const span = scope.placeOf(memory.name)
    const first = scope.placeOf(other.name)
    const pair = `${memory.name} ${other.name}`
    // A memory that lists a peer twice is another mistake.
    if (memory === other || span === undefined || first === undefined || reported.has(pair)) return
    reported.add(pair)
    const name = workflow.peers[peer]?.name ?? ''
    report(messages.pinnedOverlap({ memory: memory.name, other: other.name, peer: name, first }, span))
  }
}
