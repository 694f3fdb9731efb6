import {
  type Assertion,
  flowGraph,
  hopsOf,
  type IdRange,
  judge,
  type Property,
  RIGHT,
  shortestPaths,
  type Workflow,
} from '@mica/policy'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { workflow } from '../arbitraries.ts'

type Edge = readonly [from: string, to: string]

const [HOST_CALL, MEASURE, ATTEST, SYSTEM_OFF] = [0xc400_0199, 0xc400_0193, 0xc400_0194, 0x8400_0008]
const REPORTS = 'measurements in reports'

const idsOf = (ranges: readonly IdRange[]): number[] =>
  ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i))
/** Whether the monitor answers a call itself; of those that the generator makes. */
const isService = (of: string, id: number): boolean => of === 'call' && [MEASURE, ATTEST].includes(id)
const isForced = (of: string, id: number): boolean =>
  of === 'call' ? id === SYSTEM_OFF : of === 'exception' ? id === 0x01 : id === 1023

/** The edges of a workflow, written down from the language's definition and nothing else. */
function edgesOf({ peers, memories, transitions }: Workflow, confined: readonly string[]): Edge[] {
  const edges: Edge[] = []
  const both = (a: string, b: string): void => void edges.push([a, b], [b, a])
  for (const { name, strict, rims } of peers) {
    if ((!strict || rims.length === 0) && !confined.includes(name)) both(name, 'host')
  }
  const members = peers.map(({ name }) => name)
  for (const { name, kind, mappings, paced } of memories) {
    if (kind === 'unprotected') both(name, 'host')
    for (const { peer, rights } of mappings) {
      const holder = peer === null ? `any of ${name}` : peers[peer]!.name
      if (peer === null) members.push(holder)
      if (peer === null && !confined.includes(name)) both(holder, 'host')
      const [reads, writes] = [(rights & (RIGHT.read | RIGHT.execute)) !== 0, (rights & RIGHT.write) !== 0]
      if (writes) edges.push([holder, name])
      if (reads) edges.push([name, holder])
      if (paced && reads) edges.push([holder, `credits of ${name}`])
      if (paced && writes) edges.push([`credits of ${name}`, holder])
    }
  }
  let measured = false
  for (const { peer, class: of, action, ranges } of transitions) {
    if (action !== 'allow') continue
    const ids = idsOf(ranges)
    if (ids.some((id) => !isService(of, id))) both(peers[peer]!.name, 'host')
    if (of !== 'call' || !ids.includes(MEASURE)) continue
    edges.push([peers[peer]!.name, REPORTS])
    measured = true
  }
  if (measured) for (const member of members) edges.push([REPORTS, member])
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

/** Every shortest path as its nodes, sorted: all ways of one edge, then of two, until some arrive. */
function shortestWays(edges: readonly Edge[], from: string, to: string, avoid: readonly string[]): string[] {
  let ways: string[][] = [[from]]
  while (ways.length > 0) {
    const longer = ways.flatMap((way) => edges.filter(([a]) => a === way.at(-1)).map(([, b]) => [...way, b]))
    const arrived = longer.filter((way) => way.at(-1) === to)
    if (arrived.length > 0) return arrived.map((way) => way.join(' > ')).sort()
    ways = longer.filter((way) => !avoid.includes(way.at(-1)!) && !way.slice(0, -1).includes(way.at(-1)!))
  }
  return []
}

function leaking(description: Workflow, confined: readonly string[]): string[] {
  const edges = edgesOf(description, confined)
  const isOutside = (node: string): boolean =>
    node === 'host' || (node.startsWith('any of ') && !confined.includes(node.slice('any of '.length)))
  const isComponent = (node: string): boolean =>
    node === 'host' || node.startsWith('any of ') || description.peers.some(({ name }) => name === node)
  const onward = (from: string): string[] => edges.flatMap(([a, b]) => (a === from ? [b] : []))
  const leaks = (peer: string): boolean =>
    onward(peer).some((next) => isOutside(next) || (!isComponent(next) && onward(next).some(isOutside)))
  return description.peers.map(({ name }) => name).filter(leaks)
}

function isQuiet({ peers, memories, transitions }: Workflow, name: string, confined: readonly string[]): boolean {
  const index = peers.findIndex((peer) => peer.name === name)
  const peer = peers[index]
  if (peer === undefined) return false
  if ((!peer.strict || peer.rims.length === 0) && !confined.includes(name)) return false
  const own = transitions.filter((transition) => transition.peer === index)
  for (const { class: of, action, ranges } of own) {
    const ids = idsOf(ranges)
    if (action === 'allow' && ids.some((id) => !(isService(of, id) && id !== MEASURE))) return false
    if (action === 'scrub' && ids.some((id) => !isForced(of, id) && !isService(of, id))) return false
  }
  const used = memories.filter(({ mappings }) => mappings.some((mapping) => mapping.peer === index))
  return used.every(({ paced, mappings }) => {
    const bothWays = mappings.some(({ rights }) => (rights & 5) !== 0 && (rights & 2) !== 0)
    return !paced && !bothWays
  })
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean => [...a].sort().join() === [...b].sort().join()

function expected(description: Workflow, { property, confined }: Assertion): boolean {
  const { peers, memories } = description
  const edges = edgesOf(description, confined)
  const components = [...peers.map(({ name }) => name), ...memories.map(({ name }) => `any of ${name}`)]
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
    case 'closed':
      return (
        peers.every(({ strict, rims }) => strict && rims.length > 0) &&
        memories.every(({ mappings }) => mappings.every(({ peer }) => peer !== null))
      )
    case 'gateways-are': {
      const gateways = peers.filter(({ gateway }) => gateway).map(({ name }) => name)
      return sameSet(gateways, property.names)
    }
    case 'leakers-are':
      return sameSet(leaking(description, confined), property.names)
    case 'quiet':
      return isQuiet(description, property.peer, confined)
  }
}

const pool: readonly (readonly IdRange[])[] = [
  [[HOST_CALL, HOST_CALL]],
  [[MEASURE, MEASURE]],
  [[ATTEST, ATTEST]],
  [[MEASURE, ATTEST]],
  [[MEASURE, HOST_CALL]],
  [[SYSTEM_OFF, SYSTEM_OFF]],
  [[0x10, 0x17]],
]

/** Generated workflows without strangers. */
function closedWorkflow(): fc.Arbitrary<Workflow> {
  return workflow({ identified: true }).map((description) => ({
    ...description,
    peers: description.peers.map((peer) => ({ ...peer, strict: true })),
    memories: description.memories.map((memory) => ({
      ...memory,
      mappings: memory.mappings.filter(({ peer }) => peer !== null),
    })),
  }))
}

/** Generated workflows with everything that makes an edge: pacing and services too. */
const described: fc.Arbitrary<Workflow> = fc
  .oneof(workflow({ identified: false }), closedWorkflow())
  .chain((description) =>
    fc
      .record({
        paced: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
        picks: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
      })
      .map(({ paced, picks }) => ({
        ...description,
        memories: description.memories.map((memory, index) => {
          const oneWay = memory.mappings.every(({ rights }) => (rights & 3) !== 3)
          return { ...memory, paced: paced[index]! && oneWay && memory.kind === 'protected' }
        }),
        transitions: description.transitions.map((transition, index) =>
          transition.class === 'call'
            ? { ...transition, ranges: pool[picks[index]! % pool.length]! }
            : { ...transition, ranges: [picks[index]! % 2 === 0 ? [1023, 1023] : [32, 40]] as const },
        ),
      })),
  )

const KINDS = [
  'reaches',
  'never-reaches',
  'reaches-only-via',
  'isolated',
  'acyclic',
  'closed',
  'gateways-are',
  'leakers-are',
  'quiet',
] as const satisfies readonly Property['kind'][]

const assertionOf = (description: Workflow): fc.Arbitrary<Assertion> => {
  const peers = description.peers.map(({ name }) => name)
  const names = [...peers, ...description.memories.map(({ name }) => name), 'host']
  return fc
    .record({
      kind: fc.constantFrom(...KINDS),
      from: fc.constantFrom(...names),
      to: fc.constantFrom(...names),
      peer: fc.constantFrom(...peers),
      others: fc.subarray(names, { maxLength: 3 }),
      stated: fc.subarray(peers),
      confined: fc.subarray(names, { maxLength: 4 }),
    })
    .map(({ kind, from, to, peer, others, stated, confined }) => {
      const via = others.filter((name) => name !== from && name !== to)
      const properties: Record<Property['kind'], Property> = {
        reaches: { kind: 'reaches', from, to },
        'never-reaches': { kind: 'never-reaches', from, to, except: via },
        'reaches-only-via': { kind: 'reaches-only-via', from, to, via },
        isolated: { kind: 'isolated', a: from, b: to, except: via },
        acyclic: { kind: 'acyclic', except: others },
        closed: { kind: 'closed' },
        'gateways-are': { kind: 'gateways-are', names: stated },
        'leakers-are': { kind: 'leakers-are', names: stated },
        quiet: { kind: 'quiet', peer },
      }
      return { property: properties[kind], confined: confined.filter((name) => name !== 'host') }
    })
}

const example = described.chain((description) =>
  fc.tuple(fc.constant(description), fc.array(assertionOf(description), { minLength: 2, maxLength: 8 })),
)

test('judgements are those of a search that tries every path', () => {
  const seen = new Map<string, number>()
  fc.assert(
    fc.property(example, ([description, assertions]) => {
      for (const { assertion, holds } of judge(flowGraph(description), assertions)) {
        expect(holds).toBe(expected(description, assertion))
        const outcome = `${assertion.property.kind} ${holds}`
        seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
      }
    }),
    { numRuns: 400 },
  )
  // Each property is seen to hold and to fail: a generator that never breaks one would prove nothing.
  expect([...seen.keys()].sort()).toEqual(KINDS.flatMap((kind) => [`${kind} false`, `${kind} true`]).sort())
})

test('the shortest paths are those of a search that tries every path, and a judgement shows one of them', () => {
  let several = 0
  fc.assert(
    fc.property(example, ([description, assertions]) => {
      const graph = flowGraph(description)
      for (const assertion of assertions) {
        const { property, confined } = assertion
        if (property.kind !== 'never-reaches') continue
        const ways = [
          ...new Set(shortestWays(edgesOf(description, confined), property.from, property.to, property.except)),
        ]
        const nodes = (names: readonly string[]): number[] => names.flatMap((name) => graph.nodesOfName.get(name)!)
        const bounds = { avoid: new Set(nodes(property.except)), confined: new Set(confined) }
        const found = shortestPaths(graph, nodes([property.from]), nodes([property.to]), bounds, 1000)
        const named = found.paths.map((path) => {
          const hops = hopsOf(graph, path)
          return [hops[0]!.from, ...hops.map(({ to }) => to)].join(' > ')
        })
        expect(found.count).toBe(found.paths.length)
        expect([...new Set(named)].sort()).toEqual(ways)
        const { path } = judge(graph, [assertion])[0]!
        if (path !== undefined) expect(ways).toContain([path[0]!.from, ...path.map(({ to }) => to)].join(' > '))
        if (ways.length > 1) several++
      }
    }),
    { numRuns: 800 },
  )
  expect(several).toBeGreaterThan(2)
})
