import type { FlowGraph } from './graph.ts'
import { type Hop, hopsOf } from './judge.ts'
import { nodesReached, nodesReaching, shortestPaths } from './shortest-paths.ts'
import { writersOf } from './writers.ts'

/** A question to a graph: how data of one node can come to another. */
export interface FlowQuery {
  readonly from: string
  readonly to: string
  /** What a path may not pass. */
  readonly except: readonly string[]
  /** What is assumed to do no more than the policy says. */
  readonly confined: readonly string[]
}

/** The answer: every shortest path, or how far data of either end goes. */
export interface FlowExplanation {
  /** How many shortest paths there are; 0: no path at all. */
  readonly count: number
  /** As many of them as were asked for. */
  readonly paths: readonly (readonly Hop[])[]
  /** Who writes a memory that the question begins at, and so has what is in it. */
  readonly writers: readonly string[]
  /** Without a path: what data of `from` can come to, and whose data can come to `to`, in order of the graph. */
  readonly reached: readonly string[]
  readonly reaching: readonly string[]
}

/** Paths of a question that are written out, at most. */
const MOST_PATHS = 20

/**
 * Answers a question about a graph. Names that nothing has lead nowhere; whoever asks checks them against
 * `graph.nodesOfName` first.
 */
export function explainFlow(graph: FlowGraph, query: FlowQuery, most: number = MOST_PATHS): FlowExplanation {
  const nodes = (name: string): readonly number[] => graph.nodesOfName.get(name) ?? []
  const bounds = { avoid: new Set(query.except.flatMap(nodes)), confined: new Set(query.confined) }
  const [starts, ends] = [nodes(query.from), nodes(query.to)]
  const { count, paths } = shortestPaths(graph, starts, ends, bounds, most)
  const names = (some: ReadonlySet<number>): string[] =>
    [...some].sort((a, b) => a - b).map((node) => graph.nodes[node]!.name)
  return {
    count,
    paths: paths.map((path) => hopsOf(graph, path)),
    writers: writersOf(graph, query.from),
    reached: count > 0 ? [] : names(nodesReached(graph, starts, bounds)),
    reaching: count > 0 ? [] : names(nodesReaching(graph, ends, bounds)),
  }
}
