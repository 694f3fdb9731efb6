import { type FlowGraph, reads, writes } from './graph.ts'

/**
 * The peers that may hand data to the host: open or without identity, with a transition that is allowed, or writing
 * into memory that the host or an unconfined `any` can read. In order of the graph's peers; replicas appear once.
 *
 * They are the trusted computing base of a workflow. A gateway that only reads is none of them.
 */
export function leakers(graph: FlowGraph, confined: ReadonlySet<string> = new Set()): readonly string[] {
  const leaking = new Set<number>()
  for (const { from, to, unlessConfined } of graph.edges) {
    if (to !== graph.host || graph.nodes[from]!.kind !== 'peer') continue
    if (unlessConfined === undefined || !confined.has(unlessConfined)) leaking.add(from)
  }
  for (const { name, kind, mappings } of graph.network.memories) {
    const anyReads = !confined.has(name) && mappings.some(({ peer, rights }) => peer === null && reads(rights))
    if (kind !== 'unprotected' && !anyReads) continue
    for (const { peer, rights } of mappings) if (peer !== null && writes(rights)) leaking.add(peer)
  }
  const { peers } = graph.network
  return [...new Set([...peers.keys()].filter((peer) => leaking.has(peer)).map((peer) => peers[peer]!.name))]
}
