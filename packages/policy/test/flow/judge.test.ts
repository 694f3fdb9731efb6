import {
  type Assertion,
  assertionDigest,
  type FlowGraph,
  flowGraph,
  hostVisible,
  judge,
  leakers,
  type Property,
  printAssertion,
  residuals,
} from '@mica/policy'
import { describe, expect, test } from 'vitest'
import { hostCall, videoModeration, type WorkflowSketch, workflowOf } from '../builders.ts'

const graphOf = (sketch: WorkflowSketch): FlowGraph => flowGraph(workflowOf(sketch))
const verdict = (graph: FlowGraph, property: Property, confined: string[] = []) =>
  judge(graph, [{ property, confined }])[0]!
const holds = (graph: FlowGraph, property: Property, confined: string[] = []): boolean =>
  verdict(graph, property, confined).holds

const never = (from: string, to: string, ...except: string[]): Property => ({ kind: 'never-reaches', from, to, except })
const only = (from: string, to: string, ...via: string[]): Property => ({ kind: 'reaches-only-via', from, to, via })
const reaches = (from: string, to: string): Property => ({ kind: 'reaches', from, to })

describe('the paper’s video moderation', () => {
  const graph = graphOf(videoModeration)

  test('keeps its assertions', () => {
    const properties: Property[] = [
      only('raw', 'host', 'moderator'),
      only('encoder', 'gate', 'moderator'),
      { kind: 'acyclic', except: ['gate'] },
      { kind: 'leakers-are', names: ['gate'] },
      { kind: 'gateways-are', names: ['gate'] },
      { kind: 'closed' },
      { kind: 'quiet', peer: 'encoder' },
      never('encoder', 'raw', 'gate'),
      { kind: 'isolated', a: 'encoder', b: 'gate', except: ['moderator', 'host'] },
    ]
    const judgements = judge(
      graph,
      properties.map((property) => ({ property, confined: [] })),
    )
    expect(judgements.filter(({ holds: held }) => !held).map(({ reason }) => reason)).toEqual([
      'a path leads from `gate` to `encoder` around `moderator`, `host`',
    ])
  })

  test('a broken assertion shows the shortest path, hop by hop', () => {
    const { path, reason } = verdict(graph, never('raw', 'host'))
    expect(reason).toBe('a path leads from `raw` to `host`')
    expect(path!.map(({ from, to, reason: why }) => `${from} ${why} ${to}`)).toEqual([
      'raw read encoder',
      'encoder write coded',
      'coded read moderator',
      'moderator write clean',
      'clean read gate',
      'gate write nic',
      'nic unprotected host',
    ])
    expect(path![0]!.rights).toBe(1)
  })

  test('a cycle is shown there and back', () => {
    const { holds: held, path } = verdict(graph, { kind: 'acyclic', except: [] })
    expect(held).toBe(false)
    expect(path!.length).toBe(6)
    expect(path!.at(-1)!.to).toBe(path![0]!.from)
  })
})

test('an allowed transition is an edge both ways, a scrubbed one is a residual', () => {
  const calling = (action: 'allow' | 'scrub'): FlowGraph =>
    graphOf({ ...videoModeration, transitions: [{ ...hostCall, peer: 'encoder', action }] })
  expect(holds(calling('allow'), only('raw', 'host', 'moderator'))).toBe(false)
  expect(leakers(calling('allow'))).toEqual(['gate', 'encoder'])
  expect(holds(calling('scrub'), only('raw', 'host', 'moderator'))).toBe(true)
  expect(holds(calling('scrub'), { kind: 'quiet', peer: 'encoder' })).toBe(false)
  const listed = residuals(calling('scrub')).filter(({ kind }) => kind === 'scrubbed')
  expect(listed).toMatchObject([{ peer: 'encoder', class: 'call', ranges: hostCall.ranges }])
})

test.each([
  ['call', 'a call'],
  ['exception', 'an exception'],
  ['interrupt', 'an interrupt'],
] as const)('a peer that allows one %s is not quiet, and is told so', (transitionClass, one) => {
  const rule = { peer: 'encoder', class: transitionClass, action: 'allow', ranges: [[0x24, 0x24]] } as const
  const graph = graphOf({ ...videoModeration, transitions: [rule] })
  expect(verdict(graph, { kind: 'quiet', peer: 'encoder' }).reason).toBe(`\`encoder\` allows ${one}`)
})

test('an allowed service is no edge to the host, and measuring is one to every member', () => {
  const service = (first: number): FlowGraph =>
    graphOf({
      ...videoModeration,
      transitions: [{ peer: 'moderator', class: 'call', action: 'allow', ranges: [[first, first]] }],
    })
  expect(leakers(service(0xc400_0194))).toEqual(['gate'])
  expect(holds(service(0xc400_0194), { kind: 'quiet', peer: 'moderator' })).toBe(true)
  expect(leakers(service(0xc400_0193))).toEqual(['gate'])
  expect(holds(service(0xc400_0194), never('moderator', 'encoder', 'gate'))).toBe(true)
  expect(holds(service(0xc400_0193), never('moderator', 'encoder', 'gate'))).toBe(false)
  expect(holds(service(0xc400_0193), { kind: 'quiet', peer: 'moderator' })).toBe(false)
  const range: FlowGraph = graphOf({
    ...videoModeration,
    transitions: [{ peer: 'moderator', class: 'call', action: 'allow', ranges: [[0xc400_0194, 0xc400_0197]] }],
  })
  expect(leakers(range)).toEqual(['gate', 'moderator'])
})

test('pacing is an edge from the reader to the writer, and not quiet', () => {
  const paced = graphOf({ ...videoModeration, paced: ['coded'] })
  expect(holds(paced, never('moderator', 'encoder', 'gate'))).toBe(false)
  expect(holds(paced, { kind: 'quiet', peer: 'encoder' })).toBe(false)
  expect(holds(paced, { kind: 'acyclic', except: ['gate'] })).toBe(false)
})

test('pacing is a residual with a rate: one bit a quantum from each reader to the writers', () => {
  const paced = residuals(graphOf({ ...videoModeration, paced: ['coded'] })).filter(({ kind }) => kind === 'paced')
  expect(paced).toEqual([
    { peer: 'moderator', kind: 'paced', memory: 'coded', writers: ['encoder'], bitsPerQuantum: 1, origin: undefined },
  ])
})

test('a clock is a residual of whoever has it, and no edge', () => {
  const withTime = (action: 'allow' | 'block', last: number) =>
    graphOf({
      ...videoModeration,
      transitions: [{ peer: 'encoder', class: 'call', action, ranges: [[0xc400_01ba, last]] }],
    })
  const clocks = (graph: ReturnType<typeof graphOf>) => residuals(graph).filter(({ kind }) => kind === 'time')
  expect(clocks(withTime('allow', 0xc400_01bb))).toEqual([{ peer: 'encoder', kind: 'time', origin: undefined }])
  expect(clocks(withTime('allow', 0xc400_01ba))).toEqual([])
  expect(clocks(withTime('block', 0xc400_01bb))).toEqual([])
  const { edges } = withTime('allow', 0xc400_01bb)
  expect(edges).toEqual(withTime('block', 0xc400_01bb).edges)
})

test('who is paced by a stranger, or measures where strangers read reports, leaks', () => {
  const stranger: WorkflowSketch = { peers: { store: '', net: '' }, memories: { in: { any: 'w', store: 'r' } } }
  expect(leakers(graphOf(stranger))).toEqual([])
  expect(leakers(graphOf({ ...stranger, paced: ['in'] }))).toEqual(['store'])
  expect(leakers(graphOf({ ...stranger, paced: ['in'] }), new Set(['in']))).toEqual([])
  const measure = { peer: 'net', class: 'call', action: 'allow', ranges: [[0xc400_0193, 0xc400_0193]] } as const
  expect(leakers(graphOf({ ...stranger, transitions: [measure] }))).toEqual(['net'])
})

test('leakers that are not stated are shown on their way to the host', () => {
  const { path } = verdict(graphOf(videoModeration), { kind: 'leakers-are', names: [] })
  expect(path!.map(({ from, to }) => `${from} ${to}`)).toEqual(['gate nic', 'nic host'])
})

test('what the host sees is counted: memory, registers of an exit, or no bound at all', () => {
  const seen = (sketch: Partial<WorkflowSketch>): unknown[] =>
    hostVisible(graphOf({ ...videoModeration, ...sketch })).map(({ component, kind, through, bytes }) => {
      return [component, kind, through, bytes]
    })
  const nic = ['gate', 'memory', 'nic', 4 * 4096]
  expect(seen({})).toEqual([nic])
  expect(seen({ unprotected: { nic: { gate: 'r' } } })).toEqual([])
  const allow = (transitionClass: 'call' | 'exception' | 'interrupt', first: number, last = first) =>
    seen({
      transitions: [{ peer: 'encoder', class: transitionClass, action: 'allow', ranges: [[first, last]] }],
    })
  expect(allow('call', 0xc400_0199)).toEqual([['encoder', 'exit', 'call', 250], nic])
  expect(allow('call', 0x8400_0001)).toEqual([['encoder', 'exit', 'call', 32], nic])
  expect(allow('call', 0xc400_0194)).toEqual([nic])
  expect(allow('exception', 0x24)).toEqual([['encoder', 'exit', 'exception', 32], nic])
  expect(allow('exception', 0x01)).toEqual([['encoder', 'exit', 'exception', 8], nic])
  expect(allow('exception', 0x02)).toEqual([['encoder', 'exit', 'exception', 24], nic])
  expect(allow('interrupt', 40)).toEqual([nic])
  const outside = { peers: { a: 'open', b: 'unknown' }, memories: { m: { a: 'w', b: 'r', any: 'r' } }, unprotected: {} }
  expect(seen(outside)).toEqual([
    ['a', 'unbounded', 'open', undefined],
    ['b', 'unbounded', 'without identity', undefined],
    ['any of m', 'unbounded', 'any', undefined],
  ])
})

describe('any', () => {
  const service: WorkflowSketch = {
    peers: { store: '', net: '' },
    memories: { svc: { store: 'w', any: 'r' }, in: { net: 'w', store: 'r' } },
  }
  test('is the host, unless it is assumed confined', () => {
    expect(holds(graphOf(service), never('store', 'host'))).toBe(false)
    expect(holds(graphOf(service), never('store', 'host'), ['svc'])).toBe(true)
    expect(holds(graphOf(service), never('store', 'host'), ['in'])).toBe(false)
  })
  test('makes a leaker of whoever writes what it reads, through one memory', () => {
    expect(leakers(graphOf(service))).toEqual(['store'])
    expect(leakers(graphOf(service), new Set(['svc']))).toEqual([])
    expect(leakers(graphOf({ ...service, memories: { svc: { store: 'r', any: 'w' } } }))).toEqual([])
  })
  test('is not closed', () => expect(holds(graphOf(service), { kind: 'closed' })).toBe(false))
})

describe('an open peer and one without identity', () => {
  test.each(['open', 'unknown'])('%s: is the host, unless it is assumed confined', (word) => {
    const graph = graphOf({ peers: { a: '', b: word }, memories: { m: { a: 'w', b: 'r' } } })
    expect(holds(graph, never('a', 'host'))).toBe(false)
    expect(holds(graph, never('a', 'host'), ['b'])).toBe(true)
    expect(leakers(graph)).toEqual(['b'])
    expect(holds(graph, { kind: 'closed' })).toBe(false)
    expect(holds(graph, { kind: 'quiet', peer: 'b' })).toBe(false)
  })
})

test('the host relays, unless the assertion excepts it', () => {
  const graph = graphOf({
    peers: { a: 'gateway', b: 'gateway' },
    memories: { m: { a: 'r' } },
    unprotected: { out: { a: 'w' }, in: { b: 'r' } },
  })
  expect(holds(graph, never('a', 'b'))).toBe(false)
  expect(holds(graph, never('a', 'b', 'host'))).toBe(true)
  expect(leakers(graph)).toEqual(['a'])
})

test('a path has at least one edge', () => {
  const graph = graphOf(videoModeration)
  expect(holds(graph, reaches('encoder', 'encoder'))).toBe(true)
  expect(verdict(graph, reaches('encoder', 'encoder')).path!.length).toBe(6)
  const line = graphOf({ peers: { a: '', b: '' }, memories: { m: { a: 'w', b: 'r' } } })
  expect(holds(line, reaches('a', 'a'))).toBe(false)
  expect(holds(line, reaches('m', 'm'))).toBe(false)
})

test('a channel as source is what is in it, and as target somebody writing it', () => {
  const graph = graphOf({ peers: { a: '', b: '' }, memories: { m: { a: 'w', b: 'r' } } })
  expect(holds(graph, reaches('m', 'b'))).toBe(true)
  expect(holds(graph, reaches('m', 'a'))).toBe(false)
  expect(holds(graph, reaches('a', 'm'))).toBe(true)
  expect(holds(graph, reaches('b', 'm'))).toBe(false)
})

test('executing is reading', () => {
  const graph = graphOf({ peers: { a: '', b: '' }, memories: { m: { a: 'w', b: 'x' } } })
  expect(holds(graph, reaches('a', 'b'))).toBe(true)
})

test('“only via” needs a path, “never except via” does not', () => {
  const graph = graphOf({ peers: { a: '', b: '', c: '' }, memories: { m: { a: 'w', b: 'r' } } })
  expect(holds(graph, only('a', 'c', 'b'))).toBe(false)
  expect(holds(graph, never('a', 'c', 'b'))).toBe(true)
})

test('a name that means nothing makes no assertion hold', () => {
  const graph = graphOf(videoModeration)
  expect(verdict(graph, never('rwa', 'host')).reason).toBe('nothing here is called `rwa`')
  expect(holds(graph, never('encoder', 'gate', 'modertor'))).toBe(false)
  expect(verdict(graph, never('encoder', 'gate', 'gate')).reason).toMatch(/cannot lie on its way/)
})

test('assertions are printed as the formatter does, and their digest ignores order and reasons', () => {
  const printed: [Property, string][] = [
    [only('raw', 'host', 'moderator', 'gate'), 'assert raw reaches host only via moderator, gate'],
    [never('a', 'b'), 'assert a never reaches b'],
    [never('a', 'b', 'c'), 'assert a never reaches b except via c'],
    [{ kind: 'acyclic', except: ['gate'] }, 'assert acyclic except gate'],
    [{ kind: 'isolated', a: 'a', b: 'b', except: [] }, 'assert isolated a from b'],
    [{ kind: 'leakers-are', names: [] }, 'assert leakers are none'],
    [{ kind: 'quiet', peer: 'a' }, 'assert quiet a'],
  ]
  for (const [property, text] of printed) expect(printAssertion({ property, confined: [] })).toBe(text)
  expect(printAssertion({ property: { kind: 'closed' }, confined: ['svc', 'b'] })).toBe(
    'assert closed assuming svc, b confined',
  )
  const assertions: Assertion[] = printed.map(([property]) => ({ property, confined: [] }))
  const reordered = [...assertions].reverse().map((assertion) => ({ ...assertion, reason: 'because' }))
  expect(assertionDigest(reordered)).toEqual(assertionDigest(assertions))
  expect(assertionDigest(assertions.slice(1))).not.toEqual(assertionDigest(assertions))
})

test('ten thousand channels are judged in about the time it takes to read them', () => {
  const count = 10_000
  const peers = Object.fromEntries(Array.from({ length: count + 1 }, (_, i) => [`p${i}`, '']))
  const memories = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`m${i}`, { [`p${i}`]: 'w', [`p${i + 1}`]: 'r' }]),
  )
  // Through indices, not names: the sketch's own look-ups are quadratic.
  const workflow = {
    ...workflowOf({ peers, memories: {} }),
    memories: Object.keys(memories).map((name, i) => ({
      name,
      kind: 'protected' as const,
      granules: 1,
      paced: false,
      mappings: [
        { peer: i, rights: 2, ipaGranule: null },
        { peer: i + 1, rights: 1, ipaGranule: null },
      ],
    })),
  }
  const graph = flowGraph(workflow)
  expect(verdict(graph, reaches('p0', `p${count}`)).path!.length).toBe(2 * count)
  expect(holds(graph, { kind: 'acyclic', except: [] })).toBe(true)
})
