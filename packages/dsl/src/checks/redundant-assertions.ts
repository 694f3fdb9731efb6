import { type Assertion, type FlowGraph, flowGraph, type Property, printAssertion } from '@mica/policy'
import * as messages from '../diagnostics.ts'
import type { Check } from './check.ts'

/** Each assertion says something that no other says, and that could be otherwise. */
export const redundantAssertions: Check = ({ workflow, assertions }, report) => {
  if (assertions.length === 0) return
  const graph = flowGraph(workflow)
  // Only assertions about the same ends can follow from each other, so each is compared with those.
  const groups = new Map<string, (typeof assertions)[number][]>()
  for (const stated of assertions) {
    const why = reasonItCannotFail(graph, stated.assertion.property)
    if (why !== undefined) report(messages.cannotFail({ why }, stated.item.span))
    const key = endsOf(stated.assertion.property)
    const group = groups.get(key) ?? []
    group.push(stated)
    groups.set(key, group)
  }
  for (const group of groups.values()) {
    for (const [index, { item, assertion }] of group.entries()) {
      const stronger = group.find((other, position) => {
        if (position === index || !implies(other.assertion, assertion)) return false
        // Of two that say the same the first is kept.
        return position < index || !implies(assertion, other.assertion)
      })
      if (stronger === undefined) continue
      const other = printAssertion(stronger.assertion).replace(/^assert /, '')
      report(messages.impliedAssertion({ other, first: stronger.item.span }, item.span))
    }
  }
}

function endsOf(property: Property): string {
  switch (property.kind) {
    case 'never-reaches':
    case 'reaches':
    case 'reaches-only-via':
      return `${property.from} ${property.to}`
    case 'isolated':
      return `isolated ${[property.a, property.b].sort().join(' ')}`
    case 'quiet':
      return `quiet ${property.peer}`
    default:
      return property.kind
  }
}

/** Whether `b` holds wherever `a` does; both are about the same ends. */
function implies(a: Assertion, b: Assertion): boolean {
  // Assuming more makes an assertion weaker.
  if (!isSubset(a.confined, b.confined)) return false
  const [p, q] = [a.property, b.property]
  switch (p.kind) {
    case 'never-reaches':
      return q.kind === 'never-reaches' && isSubset(p.except, q.except)
    case 'reaches':
      // With a confined component there may be fewer paths.
      return q.kind === 'reaches' && isSubset(b.confined, a.confined)
    case 'reaches-only-via': {
      if (q.kind === 'never-reaches') return isSubset(p.via, q.except)
      if (!isSubset(b.confined, a.confined)) return false
      return q.kind === 'reaches' || (q.kind === 'reaches-only-via' && isSubset(p.via, q.via))
    }
    case 'isolated':
      return q.kind === 'isolated' && isSubset(p.except, q.except)
    case 'acyclic':
      return q.kind === 'acyclic' && isSubset(p.except, q.except)
    case 'gateways-are':
    case 'leakers-are': {
      if (q.kind !== p.kind || !isSubset(b.confined, a.confined)) return false
      return isSubset(p.names, q.names) && isSubset(q.names, p.names)
    }
    case 'closed':
    case 'quiet':
      return q.kind === p.kind
  }
}

function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  return part.every((name) => whole.includes(name))
}

function reasonItCannotFail(graph: FlowGraph, property: Property): string | undefined {
  if (property.kind === 'acyclic') {
    const peers = graph.network.peers.filter((peer) => !property.except.includes(peer.name))
    return peers.length < 2 ? 'fewer than two peers are left' : undefined
  }
  if (property.kind !== 'never-reaches') return undefined
  const from = graph.nodesOfName.get(property.from) ?? []
  const to = new Set(graph.nodesOfName.get(property.to))
  if (from.every((node) => graph.leaving[node]?.length === 0)) return `nothing leaves \`${property.from}\``
  if (!graph.edges.some((edge) => to.has(edge.to))) return `nothing enters \`${property.to}\``
  return undefined
}
