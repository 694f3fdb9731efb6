import { type Assertion, flowGraph, judge, type Property, type Workflow } from '@mica/policy'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { workflow } from '../arbitraries.ts'

type Edge = readonly [from: string, to: string]

/** The edges of a workflow, written down from the language's definition and nothing else. */
function edgesOf({ peers, memories, transitions }: Workflow, confined: readonly string[]): Edge[] {
  const edges: Edge[] = []
  const both = (a: string, b: string): void => void edges.push([a, b], [b, a])
  for (const { name, strict, rims } of peers) {
    if ((!strict || rims.length === 0) && !confined.includes(name)) both(name, 'host')
  }
  for (const { name, kind, mappings } of memories) {
    if (kind === 'unprotected') both(name, 'host')
    for (const { peer, rights } of mappings) {
      const holder = peer === null ? `any of ${name}` : peers[peer]!.name
      if (peer === null && !confined.includes(name)) both(holder, 'host')
      if (rights & 2) edges.push([holder, name])
      if (rights & 5) edges.push([name, holder])
    }
  }
  // Generated ids are no services.
  for (const { peer, action } of transitions) if (action === 'allow') both(peers[peer]!.name, 'host')
  return edges
}

/** Whether a path leads from one node to another, by trying every simple continuation. */
function pathExists(edges: readonly Edge[], from: string, to: string, avoid: readonly string[]): boolean {
  const walk = (at: string, passed: readonly string[]): boolean =>
    edges.some(
      ([a, b]) => a === at && (b === to || (!avoid.includes(b) && !passed.includes(b) && walk(b, [...passed, b]))),
    )
  return walk(from, [from])
}

function expected(description: Workflow, { property, confined }: Assertion): boolean {
  const edges = edgesOf(description, confined)
  const components = [
    ...description.peers.map(({ name }) => name),
    ...description.memories.map(({ name }) => `any of ${name}`),
  ]
  switch (property.kind) {
    case 'reaches':
      return pathExists(edges, property.from, property.to, [])
    case 'never-reaches':
      return !pathExists(edges, property.from, property.to, property.except)
    case 'reaches-only-via':
      return (
        pathExists(edges, property.from, property.to, []) &&
        !pathExists(edges, property.from, property.to, property.via)
      )
    case 'isolated':
      return (
        !pathExists(edges, property.a, property.b, property.except) &&
        !pathExists(edges, property.b, property.a, property.except)
      )
    case 'acyclic': {
      const out = ['host', ...property.except]
      const inside = edges.filter((edge) => !edge.some((node) => out.includes(node)))
      return !components.some((a) =>
        components.some((b) => a < b && pathExists(inside, a, b, []) && pathExists(inside, b, a, [])),
      )
    }
    case 'leakers-are': {
      const leaking = description.peers.flatMap(({ name, strict }) => {
        const toHost = edges.some(([a, b]) => a === name && b === 'host')
        const through = edges.some(
          ([a, m]) =>
            a === name &&
            edges.some(([n, b]) => n === m && (b === 'host' || (b === `any of ${m}` && !confined.includes(m)))),
        )
        // A memory stands between: an edge to `host` that goes on from there is not "through one memory".
        const throughMemory =
          through &&
          description.memories.some(({ name: m }) =>
            edges.some(
              ([a, b]) =>
                a === name &&
                b === m &&
                edges.some(([n, c]) => n === m && (c === 'host' || (c === `any of ${m}` && !confined.includes(m)))),
            ),
          )
        return toHost || throughMemory || (!strict && !confined.includes(name)) ? [name] : []
      })
      return leaking.length === property.names.length && leaking.every((name) => property.names.includes(name))
    }
    default:
      throw new Error(property.kind)
  }
}

const assertionOf = (description: Workflow): fc.Arbitrary<Assertion> => {
  const peers = description.peers.map(({ name }) => name)
  const names = [...peers, ...description.memories.map(({ name }) => name), 'host']
  return fc
    .record({
      kind: fc.constantFrom(
        'reaches' as const,
        'never-reaches' as const,
        'reaches-only-via' as const,
        'isolated' as const,
        'acyclic' as const,
        'leakers-are' as const,
      ),
      from: fc.constantFrom(...names),
      to: fc.constantFrom(...names),
      others: fc.subarray(names, { maxLength: 3 }),
      stated: fc.subarray(peers),
      confined: fc.subarray(names, { maxLength: 2 }),
    })
    .map(({ kind, from, to, others, stated, confined }) => {
      const via = others.filter((name) => name !== from && name !== to)
      const property: Property =
        kind === 'reaches'
          ? { kind, from, to }
          : kind === 'never-reaches'
            ? { kind, from, to, except: via }
            : kind === 'reaches-only-via'
              ? { kind, from, to, via }
              : kind === 'isolated'
                ? { kind, a: from, b: to, except: via }
                : kind === 'acyclic'
                  ? { kind, except: others }
                  : { kind, names: stated }
      return { property, confined: confined.filter((name) => name !== 'host') }
    })
}

test('judgements are those of a search that tries every path', () => {
  const seen = new Map<string, number>()
  const example = workflow({ identified: false }).chain((description) =>
    fc.tuple(fc.constant(description), fc.array(assertionOf(description), { minLength: 1, maxLength: 6 })),
  )
  fc.assert(
    fc.property(example, ([description, assertions]) => {
      for (const { assertion, holds } of judge(flowGraph(description), assertions)) {
        expect(holds).toBe(expected(description, assertion))
        const outcome = `${assertion.property.kind} ${holds}`
        seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
      }
    }),
    { numRuns: 300 },
  )
  // Each property is seen to hold and to fail: a generator that never breaks one would prove nothing.
  expect(seen.size).toBe(12)
})
