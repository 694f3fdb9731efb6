import type { FlowGraph } from '../flow/graph.ts'
import { hopsOf } from '../flow/judge.ts'
import { shortestPath } from '../flow/paths.ts'
import { nodesReaching } from '../flow/shortest-paths.ts'
import type { Change } from './change.ts'

/** Peers up to which every pair of an end and a waypoint is looked at; in a larger graph the end is the host. */
const ALL_ENDS = 80
/** Peers up to which anything is looked at: each costs a search of the graph. */
const WAYPOINTS = 1_500
/** Paths that are looked for. */
const SHOWN_PATHS = 100

/**
 * Flows that had to pass a peer and need not any more, and the reverse: what "only via" of an assertion says, for all
 * peers at once. Of flows that both graphs have, between nodes that both have.
 */
export function bypassChanges(before: FlowGraph, after: FlowGraph): readonly Change[] {
  const [old, now] = [new Ways(before), new Ways(after)]
  const names = (kinds: readonly string[]): string[] =>
    after.nodes.flatMap(({ kind, name }) => (kinds.includes(kind) && old.has(name) ? [name] : []))
  const peers = names(['peer'])
  if (peers.length > WAYPOINTS) return []
  const sources = names(['peer', 'memory'])
  const ends = peers.length > ALL_ENDS ? ['host'] : ['host', ...peers]
  const changes: Change[] = []
  for (const to of ends) {
    const [reachOld, reachNow] = [old.reaching(to), now.reaching(to)]
    const flowing = sources.filter((from) => from !== to && reachOld.has(from) && reachNow.has(from))
    for (const around of peers) {
      if (around === to) continue
      const [past, present] = [old.reaching(to, around), now.reaching(to, around)]
      for (const from of flowing) {
        if (from === around || past.has(from) === present.has(from)) continue
        if (past.has(from)) {
          changes.push({ kind: 'bypass', from, to, around, width: 'narrower', side: 'after', origin: undefined })
          continue
        }
        const path = changes.length < SHOWN_PATHS ? now.path(from, to, around) : undefined
        changes.push({
          kind: 'bypass',
          from,
          to,
          around,
          path,
          width: 'wider',
          side: 'after',
          origin: path?.[0]?.origin,
        })
      }
    }
  }
  return changes
}

/** Which nodes reach which, by name. */
class Ways {
  readonly #graph: FlowGraph
  readonly #nodes: ReadonlyMap<string, number>

  constructor(graph: FlowGraph) {
    this.#graph = graph
    this.#nodes = new Map([...graph.nodes.entries()].map(([node, { name }]) => [name, node]))
  }

  has(name: string): boolean {
    return this.#nodes.has(name)
  }

  /** The names of what reaches a node, without passing another. */
  reaching(to: string, around?: string): ReadonlySet<string> {
    const nodes = nodesReaching(this.#graph, this.#named(to), this.#bounds(around))
    return new Set([...nodes].map((node) => this.#graph.nodes[node]!.name))
  }

  path(from: string, to: string, around: string): ReturnType<typeof hopsOf> | undefined {
    const path = shortestPath(this.#graph, this.#named(from), this.#named(to), this.#bounds(around))
    return path === undefined ? undefined : hopsOf(this.#graph, path)
  }

  #named(name: string): readonly number[] {
    const node = this.#nodes.get(name)
    return node === undefined ? [] : [node]
  }

  #bounds(around: string | undefined): { avoid: ReadonlySet<number>; confined: ReadonlySet<string> } {
    return { avoid: new Set(around === undefined ? [] : this.#named(around)), confined: new Set() }
  }
}
