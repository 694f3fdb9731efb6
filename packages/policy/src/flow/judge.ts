import type { Assertion, Property, Rights } from '../model.ts'
import { type EdgeReason, type FlowEdge, type FlowGraph, HOST } from './graph.ts'
import { leakers, leakPath } from './leakers.ts'
import { componentsOnOneCycle, type SearchBounds, shortestPath } from './paths.ts'
import { loudness } from './quiet.ts'

/** One step of a path: from a node to the next, why data can take it, with which rights and where that was written. */
export interface Hop {
  readonly from: string
  readonly to: string
  readonly reason: EdgeReason
  readonly rights: Rights | undefined
  readonly origin: unknown
}

/** Whether an assertion holds, in one line why, and the shortest path that breaks (or, for `reaches`, shows) it. */
export interface Judgement {
  readonly assertion: Assertion
  readonly holds: boolean
  readonly reason: string
  readonly path?: readonly Hop[] | undefined
}

type Outcome = Pick<Judgement, 'holds' | 'reason' | 'path'>

/** Judges assertions on a graph, in their order. Each takes time in proportion to the graph. */
export function judge(graph: FlowGraph, assertions: readonly Assertion[]): readonly Judgement[] {
  return assertions.map((assertion) => {
    const problem = unknownName(graph, assertion.property) ?? ownEnd(assertion.property)
    const outcome = problem === undefined ? judgeOne(graph, assertion) : failed(problem)
    return { assertion, ...outcome }
  })
}

/** The steps of a path of edges. */
export function hopsOf(graph: FlowGraph, path: readonly FlowEdge[]): readonly Hop[] {
  const name = (node: number): string => graph.nodes[node]!.name
  return path.map(({ from, to, reason, rights, origin }) => ({
    from: name(from),
    to: name(to),
    reason,
    rights,
    origin,
  }))
}

/** Names that a property mentions: where paths begin and end, and what they may pass. */
export function namesOf(property: Property): { readonly ends: readonly string[]; readonly via: readonly string[] } {
  switch (property.kind) {
    case 'never-reaches':
      return { ends: [property.from, property.to], via: property.except }
    case 'reaches':
      return { ends: [property.from, property.to], via: [] }
    case 'reaches-only-via':
      return { ends: [property.from, property.to], via: property.via }
    case 'acyclic':
      return { ends: [], via: property.except }
    case 'isolated':
      return { ends: [property.a, property.b], via: property.except }
    case 'quiet':
      return { ends: [property.peer], via: [] }
    case 'closed':
    case 'gateways-are':
    case 'leakers-are':
      return { ends: [], via: [] }
  }
}

// A misspelt name must not make an assertion hold for want of paths.
function unknownName(graph: FlowGraph, property: Property): string | undefined {
  const { ends, via } = namesOf(property)
  const unknown = [...ends, ...via].find((name) => (graph.nodesOfName.get(name) ?? []).length === 0)
  return unknown === undefined ? undefined : `nothing here is called \`${unknown}\``
}

function ownEnd(property: Property): string | undefined {
  const { ends, via } = namesOf(property)
  const name = via.find((candidate) => ends.includes(candidate))
  return name === undefined ? undefined : `\`${name}\` is an end of the path and cannot lie on its way`
}

const held = (reason: string, path?: readonly Hop[]): Outcome => ({ holds: true, reason, path })
const failed = (reason: string, path?: readonly Hop[]): Outcome => ({ holds: false, reason, path })

function judgeOne(graph: FlowGraph, assertion: Assertion): Outcome {
  const { property } = assertion
  const confined = new Set(assertion.confined)
  switch (property.kind) {
    case 'never-reaches':
      return neverReaches(graph, property.from, property.to, property.except, confined)
    case 'reaches':
      return reaches(graph, property.from, property.to, confined)
    case 'reaches-only-via': {
      const around = neverReaches(graph, property.from, property.to, property.via, confined)
      return around.holds ? reaches(graph, property.from, property.to, confined) : around
    }
    case 'isolated': {
      const forth = neverReaches(graph, property.a, property.b, property.except, confined)
      return forth.holds ? neverReaches(graph, property.b, property.a, property.except, confined) : forth
    }
    case 'acyclic':
      return acyclic(graph, property.except, confined)
    case 'closed':
      return closed(graph)
    case 'gateways-are': {
      const gateways = graph.network.peers.filter(({ gateway }) => gateway).map(({ name }) => name)
      return sameNames('gateways', [...new Set(gateways)], property.names)
    }
    case 'leakers-are': {
      const actual = leakers(graph, confined)
      const unstated = actual.find((name) => !property.names.includes(name))
      const path = unstated === undefined ? undefined : leakPath(graph, unstated, confined)
      const outcome = sameNames('leakers', actual, property.names)
      return path === undefined ? outcome : { ...outcome, path: hopsOf(graph, path) }
    }
    case 'quiet': {
      const loud = loudness(graph, property.peer, confined)
      return loud === undefined
        ? held(`\`${property.peer}\` shows nothing but what every component must`)
        : failed(loud)
    }
  }
}

const nodes = (graph: FlowGraph, name: string): readonly number[] => graph.nodesOfName.get(name) ?? []

const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

function boundsOf(graph: FlowGraph, avoid: readonly string[], confined: ReadonlySet<string>): SearchBounds {
  return { avoid: new Set(avoid.flatMap((name) => nodes(graph, name))), confined }
}

function neverReaches(
  graph: FlowGraph,
  from: string,
  to: string,
  except: readonly string[],
  confined: ReadonlySet<string>,
): Outcome {
  const path = shortestPath(graph, nodes(graph, from), nodes(graph, to), boundsOf(graph, except, confined))
  const around = except.length === 0 ? '' : ` around ${quoted(except)}`
  if (path === undefined) return held(`no path leads from \`${from}\` to \`${to}\`${around}`)
  return failed(`a path leads from \`${from}\` to \`${to}\`${around}`, hopsOf(graph, path))
}

function reaches(graph: FlowGraph, from: string, to: string, confined: ReadonlySet<string>): Outcome {
  const path = shortestPath(graph, nodes(graph, from), nodes(graph, to), boundsOf(graph, [], confined))
  if (path === undefined) return failed(`no path leads from \`${from}\` to \`${to}\``)
  return held(`a path leads from \`${from}\` to \`${to}\``, hopsOf(graph, path))
}

function acyclic(graph: FlowGraph, except: readonly string[], confined: ReadonlySet<string>): Outcome {
  const bounds = boundsOf(graph, [HOST, ...except], confined)
  const pair = componentsOnOneCycle(graph, bounds)
  if (pair === undefined) return held('no peer reaches another and back')
  const [a, b] = pair
  const there = shortestPath(graph, [a], [b], bounds) ?? []
  const back = shortestPath(graph, [b], [a], bounds) ?? []
  const name = (node: number): string => graph.nodes[node]!.name
  return failed(`\`${name(a)}\` reaches \`${name(b)}\` and back`, hopsOf(graph, [...there, ...back]))
}

function closed({ network }: FlowGraph): Outcome {
  const memory = network.memories.find(({ mappings }) => mappings.some(({ peer }) => peer === null))
  if (memory !== undefined) return failed(`memory \`${memory.name}\` admits components that nobody names`)
  const open = network.peers.find((peer) => peer.open)
  if (open !== undefined) return failed(`peer \`${open.name}\` is open`)
  const unidentified = network.peers.find(({ identified }) => !identified)
  if (unidentified !== undefined) return failed(`peer \`${unidentified.name}\` has no identity`)
  return held('every component is named, identified and strict')
}

function sameNames(what: string, actual: readonly string[], stated: readonly string[]): Outcome {
  const unstated = actual.filter((name) => !stated.includes(name))
  const absent = stated.filter((name) => !actual.includes(name))
  if (unstated.length === 0 && absent.length === 0) return held(`the ${what} are as stated`)
  const parts = [
    ...(unstated.length === 0 ? [] : [`also ${quoted(unstated)}`]),
    ...(absent.length === 0 ? [] : [`not ${quoted(absent)}`]),
  ]
  return failed(`the ${what} are others: ${parts.join(', ')}`)
}
