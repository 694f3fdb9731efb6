import type { FlowEdge, FlowGraph } from './graph.ts'
import { isUsable, type SearchBounds } from './paths.ts'

/** Every shortest way between nodes: how many there are, and as many of them as were asked for. */
export interface ShortestPaths {
  /** There may be exponentially many; above 2^53 the number is approximate. */
  readonly count: number
  /** Each as edges in order; the paths in the order of the graph's edges. Empty if no path leads there. */
  readonly paths: readonly (readonly FlowEdge[])[]
}

/**
 * All shortest paths of at least one edge from any of `starts` to any of `ends`: breadth first in time in proportion to
 * the graph, then at most `most` of them written out.
 */
export function shortestPaths(
  graph: FlowGraph,
  starts: readonly number[],
  ends: readonly number[],
  bounds: SearchBounds,
  most: number,
): ShortestPaths {
  const targets = new Set(ends)
  /** The edges by which a node is first reached, and over how many shortest ways. */
  const reached = new Map<number, Arrival>()
  for (const node of starts) reached.set(node, { edges: [], ways: 1, level: 0 })
  let frontier = [...reached.keys()]
  for (let level = 1; frontier.length > 0; level++) {
    const arriving: FlowEdge[] = []
    const next: number[] = []
    for (const node of frontier) {
      const { ways } = reached.get(node)!
      for (const index of graph.leaving[node]!) {
        const edge = graph.edges[index]!
        if (!isUsable(edge, bounds)) continue
        if (targets.has(edge.to)) arriving.push(edge)
        if (bounds.avoid.has(edge.to)) continue
        const known = reached.get(edge.to)
        if (known === undefined) {
          reached.set(edge.to, { edges: [edge], ways, level })
          next.push(edge.to)
        } else if (known.level === level) {
          known.edges.push(edge)
          known.ways += ways
        }
      }
    }
    if (arriving.length > 0) {
      const count = arriving.reduce((sum, edge) => sum + reached.get(edge.from)!.ways, 0)
      return { count, paths: [...walkBack(arriving, reached, most)] }
    }
    frontier = next
  }
  return { count: 0, paths: [] }
}

interface Arrival {
  readonly edges: FlowEdge[]
  ways: number
  readonly level: number
}

/** Paths that end in one of `last`, with their own stack: a path may be as long as the graph. */
function* walkBack(
  last: readonly FlowEdge[],
  reached: ReadonlyMap<number, Arrival>,
  most: number,
): Generator<readonly FlowEdge[]> {
  let left = most
  const stack: (readonly [edge: FlowEdge, depth: number])[] = last.map((edge) => [edge, 0] as const).reverse()
  const path: FlowEdge[] = []
  for (let step = stack.pop(); step !== undefined && left > 0; step = stack.pop()) {
    const [edge, depth] = step
    path.length = depth
    path.push(edge)
    const { edges, level } = reached.get(edge.from)!
    if (level === 0) {
      left--
      yield [...path].reverse()
    } else for (const before of [...edges].reverse()) stack.push([before, depth + 1])
  }
}

/** Every node that data of `starts` can come to, without the starts themselves unless it comes back to them. */
export function nodesReached(graph: FlowGraph, starts: readonly number[], bounds: SearchBounds): ReadonlySet<number> {
  const seen = new Set<number>()
  const queue = [...starts]
  for (const node of queue) {
    for (const index of graph.leaving[node]!) {
      const edge = graph.edges[index]!
      if (!isUsable(edge, bounds) || bounds.avoid.has(edge.to) || seen.has(edge.to)) continue
      seen.add(edge.to)
      queue.push(edge.to)
    }
  }
  return seen
}

/** Every node whose data can come to `ends`. */
export function nodesReaching(graph: FlowGraph, ends: readonly number[], bounds: SearchBounds): ReadonlySet<number> {
  const entering: FlowEdge[][] = graph.nodes.map(() => [])
  for (const edge of graph.edges) if (isUsable(edge, bounds)) entering[edge.to]!.push(edge)
  const seen = new Set<number>()
  const queue = [...ends]
  for (const node of queue) {
    for (const { from } of entering[node]!) {
      if (bounds.avoid.has(from) || seen.has(from)) continue
      seen.add(from)
      queue.push(from)
    }
  }
  return seen
}
