import type { FlowEdge, FlowGraph } from './graph.ts'
import { isUsable } from './paths.ts'

/**
 * The peers that may hand data to the host: open or without identity, with a transition that is allowed, or one step
 * away from the host or from an unconfined `any`: through a memory that it reads, pacing that it sees, or measurements
 * in reports. In order of the graph's peers; replicas appear once.
 *
 * They are the trusted computing base of a workflow. A gateway that only reads is none of them.
 */
export function leakers(graph: FlowGraph, confined: ReadonlySet<string> = new Set()): readonly string[] {
  const { peers } = graph.network
  const exits = new Exits(graph, confined)
  const leaking = [...peers.keys()].filter((peer) => exits.pathOf(peer) !== undefined)
  return [...new Set(leaking.map((peer) => peers[peer]!.name))]
}

/** The one or two edges by which a leaker leaks, or `undefined` if none of this name does. */
export function leakPath(
  graph: FlowGraph,
  name: string,
  confined: ReadonlySet<string>,
): readonly FlowEdge[] | undefined {
  const exits = new Exits(graph, confined)
  for (const peer of graph.nodesOfName.get(name) ?? []) {
    const path = exits.pathOf(peer)
    if (path !== undefined) return path
  }
  return undefined
}

/** Where data leaves what the policy bounds: at the host, and at every `any` that may be the host. */
class Exits {
  readonly #graph: FlowGraph
  readonly #confined: ReadonlySet<string>
  readonly #outside: ReadonlySet<number>
  /** The first edge by which each node leads outside. */
  readonly #ways = new Map<number, FlowEdge>()

  constructor(graph: FlowGraph, confined: ReadonlySet<string>) {
    this.#graph = graph
    this.#confined = confined
    const usable = graph.edges.filter((edge) => isUsable(edge, { confined }))
    const strangers = usable.filter(({ reason, from }) => reason === 'any' && from !== graph.host)
    this.#outside = new Set([graph.host, ...strangers.map(({ from }) => from)])
    for (const edge of usable) {
      if (this.#outside.has(edge.to) && !this.#ways.has(edge.from)) this.#ways.set(edge.from, edge)
    }
  }

  /** How a peer leaks, if it does. Between two components there is a memory, its pacing, or the reports. */
  pathOf(peer: number): readonly FlowEdge[] | undefined {
    const direct = this.#ways.get(peer)
    if (direct !== undefined) return [direct]
    for (const index of this.#graph.leaving[peer]!) {
      const edge = this.#graph.edges[index]!
      const next = isUsable(edge, { confined: this.#confined }) ? this.#ways.get(edge.to) : undefined
      if (next !== undefined) return [edge, next]
    }
    return undefined
  }
}
