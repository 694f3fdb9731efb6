import { oneOfClass } from '../transition-ids.ts'
import { isForced, serviceOf, transitionDefault } from '../transitions.ts'
import { type FlowGraph, reads, writes } from './graph.ts'
import type { NetworkMemory, NetworkTransition } from './network.ts'

/**
 * The first thing by which a peer is not quiet, in one line, or `undefined`.
 *
 * A quiet peer allows nothing beyond what every Realm may do, scrubs nothing beyond the forced list, and uses one-way
 * channels only, none of them paced. A peer that is open or has no identity is not quiet unless it is assumed
 * confined: nobody knows what else it uses.
 */
export function loudness(graph: FlowGraph, name: string, confined: ReadonlySet<string>): string | undefined {
  for (const node of graph.nodesOfName.get(name) ?? []) {
    const peer = graph.network.peers[node]
    if (peer === undefined) return `\`${name}\` is no peer`
    if (peer.open && !confined.has(peer.name)) return `\`${name}\` is open`
    if (!peer.identified && !confined.has(peer.name)) return `\`${name}\` has no identity`
    for (const transition of peer.transitions) {
      if (transition.action === 'allow' && !isDefault(transition))
        return `\`${name}\` allows ${oneOfClass(transition.class)}`
      if (transition.action === 'scrub' && !showsNothing(transition))
        return `\`${name}\` scrubs ${oneOfClass(transition.class)}`
    }
    const memory = graph.network.memories.find(
      (candidate) => candidate.mappings.some((mapping) => mapping.peer === node) && !isOneWay(candidate),
    )
    if (memory !== undefined) return `\`${name}\` uses memory \`${memory.name}\`, which is no one-way channel`
  }
  return undefined
}

/** Whether a rule allows only what is allowed without it. */
function isDefault({ class: transitionClass, ranges }: NetworkTransition): boolean {
  return ranges.every(([first, last]) => {
    // Ends at the first id that is no service, so after a handful of steps however long the range.
    for (let id = first; id <= last; id++) if (transitionDefault(transitionClass, id).action !== 'allow') return false
    return true
  })
}

/** Whether a scrubbing rule scrubs only what every Realm shows; calls that the monitor answers, it blocks. */
function showsNothing({ class: transitionClass, ranges }: NetworkTransition): boolean {
  return ranges.every(([first, last]) => {
    // Ends at the first id that is neither, so after a handful of steps however long the range.
    for (let id = first; id <= last; id++) {
      const service = transitionClass === 'call' && serviceOf(id) !== undefined
      if (!service && !isForced(transitionClass, id)) return false
    }
    return true
  })
}

function isOneWay({ paced, mappings }: NetworkMemory): boolean {
  return !paced && !mappings.some(({ rights }) => reads(rights) && writes(rights))
}
