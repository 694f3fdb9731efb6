import type { FlowGraph } from '../flow/graph.ts'
import { type HostVisible, hostVisible } from '../flow/host-visible.ts'
import { hopsOf } from '../flow/judge.ts'
import { leakers } from '../flow/leakers.ts'
import { shortestPath } from '../flow/paths.ts'
import { nodesReached, nodesReaching } from '../flow/shortest-paths.ts'
import type { Change } from './change.ts'

/** Nodes up to which flows between all of them are compared; in a larger graph those to and from the host are. */
const ALL_PAIRS = 600

/** Flows for which a path is looked for: whoever has so many new ones reads no more of them. */
const SHOWN_PATHS = 100

const FREE = { avoid: new Set<number>(), confined: new Set<string>() }

/** Flows that only one of two graphs has: from what both have, to anywhere. */
export function flowChanges(before: FlowGraph, after: FlowGraph): readonly Change[] {
  const all = Math.max(before.nodes.length, after.nodes.length) <= ALL_PAIRS
  const [old, now] = [new Flows(before, all), new Flows(after, all)]
  const changes: Change[] = []
  for (const [from, to] of now.pairs()) {
    if (!old.has(from) || old.flows(from, to)) continue
    const path = changes.length < SHOWN_PATHS ? now.path(from, to) : undefined
    changes.push({ kind: 'flow', from, to, path, width: 'wider', side: 'after', origin: path?.[0]?.origin })
  }
  for (const [from, to] of old.pairs()) {
    if (!now.has(from) || now.flows(from, to)) continue
    changes.push({ kind: 'flow', from, to, width: 'narrower', side: 'before', origin: undefined })
  }
  return changes
}

/** Which node can reach which component, by name. */
class Flows {
  readonly #graph: FlowGraph
  /** Names are unique among nodes of one kind, and a memory of a peer's name is a memory. */
  readonly #nodes: ReadonlyMap<string, number>
  readonly #reached = new Map<string, ReadonlySet<string>>()
  /** Nodes that reach the host, in a graph too large for more. */
  #reaching: ReadonlySet<number> | undefined

  constructor(graph: FlowGraph, all: boolean) {
    this.#graph = graph
    const flowing = ['peer', 'memory', 'host', 'any']
    this.#nodes = new Map(
      [...graph.nodes.entries()].flatMap(([node, { kind, name }]) => (flowing.includes(kind) ? [[name, node]] : [])),
    )
    for (const [name, node] of this.#nodes) {
      const wanted = all || node === graph.host
      const nodes = wanted ? nodesReached(graph, [node], FREE) : this.#onlyHost(node)
      const components = [...nodes].filter((reached) => reached !== node && this.#isComponent(reached))
      this.#reached.set(name, new Set(components.map((reached) => graph.nodes[reached]!.name)))
    }
  }

  /** Whether one node reaches the host, as a set. */
  #onlyHost(node: number): ReadonlySet<number> {
    this.#reaching ??= nodesReaching(this.#graph, [this.#graph.host], FREE)
    return new Set(this.#reaching.has(node) ? [this.#graph.host] : [])
  }

  #isComponent(node: number): boolean {
    const { kind } = this.#graph.nodes[node]!
    return kind === 'peer' || kind === 'host' || kind === 'any'
  }

  has(name: string): boolean {
    return this.#reached.has(name)
  }

  flows(from: string, to: string): boolean {
    return this.#reached.get(from)?.has(to) === true
  }

  *pairs(): Generator<readonly [from: string, to: string]> {
    for (const [from, reached] of this.#reached) for (const to of reached) yield [from, to]
  }

  path(from: string, to: string): ReturnType<typeof hopsOf> | undefined {
    const path = shortestPath(this.#graph, [this.#nodes.get(from)!], [this.#nodes.get(to)!], FREE)
    return path === undefined ? undefined : hopsOf(this.#graph, path)
  }
}

/** Peers that have become leakers, or are none any more. */
export function leakerChanges(before: FlowGraph, after: FlowGraph): readonly Change[] {
  const [old, now] = [new Set(leakers(before)), new Set(leakers(after))]
  const originOf = (graph: FlowGraph, peer: string): unknown =>
    graph.network.peers.find(({ name }) => name === peer)?.origin
  return [
    ...[...now]
      .filter((peer) => !old.has(peer))
      .map((peer): Change => ({ kind: 'leaker', peer, width: 'wider', side: 'after', origin: originOf(after, peer) })),
    ...[...old]
      .filter((peer) => !now.has(peer))
      .map((peer): Change => {
        return { kind: 'leaker', peer, width: 'narrower', side: 'before', origin: originOf(before, peer) }
      }),
  ]
}

/** What the host sees more, or less, of components. */
export function visibilityChanges(before: FlowGraph, after: FlowGraph): readonly Change[] {
  const [old, now] = [byEdge(hostVisible(before)), byEdge(hostVisible(after))]
  const keys = new Set([...now.keys(), ...old.keys()])
  return [...keys].flatMap((key): Change[] => {
    const [was, is] = [old.get(key), now.get(key)]
    const { component, kind: seen, through } = (is ?? was)!
    const [least, most] = [was === undefined ? 0 : was.bytes, is === undefined ? 0 : is.bytes]
    if (least === most) return []
    const wider = (most ?? Number.POSITIVE_INFINITY) > (least ?? Number.POSITIVE_INFINITY)
    return [
      {
        kind: 'host-visible',
        component,
        seen,
        through,
        before: least,
        after: most,
        width: wider ? 'wider' : 'narrower',
        side: is === undefined ? 'before' : 'after',
        origin: (is ?? was)!.origin,
      },
    ]
  })
}

/** One entry for each edge: of several rules of one class the one that shows most. */
function byEdge(seen: readonly HostVisible[]): ReadonlyMap<string, HostVisible> {
  const edges = new Map<string, HostVisible>()
  for (const visible of seen) {
    const key = `${visible.component}\n${visible.kind}\n${visible.kind === 'unbounded' ? '' : visible.through}`
    const known = edges.get(key)
    if (known === undefined || (visible.bytes ?? 0) > (known.bytes ?? 0)) edges.set(key, visible)
  }
  return edges
}
