import type { FlowGraph } from './graph.ts'

/**
 * Who writes the memory of a name, and so holds what is in it without any path from it: peers, and `any`. Empty for a
 * name that is no memory's.
 */
export function writersOf(graph: FlowGraph, name: string): readonly string[] {
  const memories = (graph.nodesOfName.get(name) ?? []).filter((node) => graph.nodes[node]!.kind === 'memory')
  if (memories.length === 0) return []
  const writing = graph.edges.filter(({ to, reason }) => reason === 'write' && memories.includes(to))
  return [...new Set(writing.map(({ from }) => graph.nodes[from]!.name))]
}
