import { type Assertion, type Change, diffWorkflows, flowGraph, judge, type Workflow } from '@mica/policy'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rim, workflow } from '../arbitraries.ts'
import { hostCall, videoModeration, type WorkflowSketch, workflowOf } from '../builders.ts'

const base = workflowOf(videoModeration)
const sketch = (changes: Partial<WorkflowSketch>): Workflow => workflowOf({ ...videoModeration, ...changes })

/** A change without what only a position or a path says. */
function essence({ origin: _, side: __, ...facts }: Change): object {
  return 'path' in facts ? { ...facts, path: facts.path?.map(({ to }) => to) } : facts
}
const changes = (before: Workflow, after: Workflow): object[] => diffWorkflows(before, after).changes.map(essence)

test('a workflow does not differ from itself', () => {
  fc.assert(
    fc.property(workflow({ identified: false }), (description) => {
      expect(diffWorkflows(description, structuredClone(description))).toEqual({ changes: [], widened: false })
    }),
    { numRuns: 30 },
  )
})

test('what becomes possible is what becomes impossible the other way round', () => {
  const mirrored = ({ kind, ...facts }: Change): string => {
    const { width } = facts
    const flow = 'from' in facts ? `${facts.from} ${facts.to}` : ''
    const name = 'memory' in facts ? facts.memory : 'peer' in facts ? facts.peer : ''
    return `${kind} ${flow}${name} ${width}`
  }
  const flipped = (text: string): string =>
    text.replace(/wider$|narrower$/, (word) => (word === 'wider' ? 'narrower' : 'wider'))
  const twin = workflow({ identified: false })
  fc.assert(
    fc.property(twin, twin, (one, other) => {
      // Of what only one side has, the flows are listed where they begin on both; so both have the same names.
      const named = { ...other, peers: one.peers, transitions: one.transitions, memories: sameHolders(one, other) }
      const there = diffWorkflows(one, named).changes.map(mirrored).sort()
      const back = diffWorkflows(named, one).changes.map(mirrored).map(flipped).sort()
      expect(there).toEqual(back)
    }),
    { numRuns: 50 },
  )
})

/** The memories of one workflow, with the rights of those of another of the same name. */
function sameHolders(one: Workflow, other: Workflow): Workflow['memories'] {
  return one.memories.map((memory) => {
    const twin = other.memories.find(({ name }) => name === memory.name)
    const rights = twin?.mappings.map((mapping) => mapping.rights) ?? []
    return {
      ...memory,
      mappings: memory.mappings.map((mapping, index) => ({
        ...mapping,
        rights: (rights[index] ?? mapping.rights) & (memory.kind === 'protected' ? 15 : 11) || 1,
      })),
    }
  })
}

test('a flow is new exactly if it is possible after and not before, and is shown by a path', () => {
  let found = 0
  fc.assert(
    fc.property(workflow({ identified: false }), fc.nat(), (description, pick) => {
      const memories = description.memories.map((memory, index) =>
        index === pick % description.memories.length
          ? { ...memory, mappings: memory.mappings.map((mapping) => ({ ...mapping, rights: mapping.rights | 3 })) }
          : memory,
      )
      const after = { ...description, memories }
      const flows = diffWorkflows(description, after).changes.flatMap((change) =>
        change.kind === 'flow' ? [change] : [],
      )
      const [old, now] = [flowGraph(description), flowGraph(after)]
      const names = [...description.peers, ...description.memories].map(({ name }) => name).concat('host')
      for (const from of names) {
        for (const to of [...description.peers.map(({ name }) => name), 'host']) {
          if (from === to) continue
          const reaches: Assertion[] = [{ property: { kind: 'reaches', from, to }, confined: [] }]
          const isNew = judge(now, reaches)[0]!.holds && !judge(old, reaches)[0]!.holds
          const listed = flows.find((flow) => flow.from === from && flow.to === to)
          expect(listed !== undefined).toBe(isNew)
          if (listed === undefined) continue
          found++
          expect(listed.path!.at(0)!.from).toBe(from)
          expect(listed.path!.at(-1)!.to).toBe(to)
        }
      }
    }),
    { numRuns: 60 },
  )
  expect(found).toBeGreaterThan(3)
})

describe('widened by', () => {
  const peers = (changed: Partial<Workflow['peers'][number]>): Workflow => ({
    ...base,
    peers: base.peers.map((peer) => (peer.name === 'encoder' ? { ...peer, ...changed } : peer)),
  })
  const call = { ...hostCall, peer: 'encoder', action: 'allow' } as const
  const asserting = (...names: string[]): Workflow => ({
    ...base,
    assertions: names.map((name) => ({ property: { kind: 'quiet', peer: name }, confined: [] })),
  })
  const service: WorkflowSketch = { peers: { net: '' }, memories: { svc: { net: 'r', any: 'w' } } }
  const { raw, coded, clean } = videoModeration.memories as Record<'raw' | 'coded' | 'clean', Record<string, string>>

  test.each<[string, Workflow, Workflow, object]>([
    ['an opened peer', base, peers({ strict: false }), { kind: 'strictness', peer: 'encoder', after: 'open' }],
    ['a new gateway', base, peers({ gateway: true }), { kind: 'gateway', peer: 'encoder', after: true }],
    ['another measurement', base, peers({ rims: [rim(2), rim(9)] }), { kind: 'identity', change: 'more' }],
    ['a lost identity', base, peers({ rims: [] }), { kind: 'identity', change: 'lost' }],
    ['a transition', base, sketch({ transitions: [call] }), { kind: 'transition', before: 'block', after: 'allow' }],
    ['what the host sees', base, sketch({ transitions: [call] }), { kind: 'host-visible', before: 0, after: 250 }],
    ['a leaker', base, sketch({ transitions: [call] }), { kind: 'leaker', peer: 'encoder' }],
    [
      'a right',
      base,
      sketch({ memories: { raw: { ...raw, encoder: 'rw' }, coded, clean } }),
      { kind: 'rights', memory: 'raw', holder: 'encoder', before: 1, after: 3 },
    ],
    [
      'a holder',
      base,
      sketch({ memories: { raw: { ...raw, moderator: 'r' }, coded, clean } }),
      { kind: 'rights', memory: 'raw', holder: 'moderator', before: 0, after: 1 },
    ],
    ['pacing', base, sketch({ paced: ['coded'] }), { kind: 'pacing', memory: 'coded', after: true }],
    [
      'memory that the host can reach',
      sketch({ memories: { coded, clean, raw: { gate: 'w' } } }),
      sketch({ memories: { coded, clean }, unprotected: { nic: { gate: 'rw' }, raw: { gate: 'w' } } }),
      { kind: 'memory-kind', memory: 'raw', after: 'unprotected' },
    ],
    [
      'more strangers',
      workflowOf({ ...service, anyCount: 1 }),
      workflowOf(service),
      { kind: 'any-count', before: 1, after: undefined },
    ],
    [
      'a dropped assertion',
      asserting('encoder'),
      base,
      { kind: 'assertion', assertion: 'quiet encoder', change: 'dropped' },
    ],
  ])('%s, and narrowed by taking it back', (_, before, after, facts) => {
    expect(diffWorkflows(before, after).widened).toBe(true)
    expect(changes(before, after)).toContainEqual(expect.objectContaining({ ...facts, width: 'wider' }))
    const back = diffWorkflows(after, before)
    const { kind } = facts as Change
    expect(back.changes.filter((change) => change.kind === kind).map(({ width }) => width)).toContain('narrower')
    expect(back.widened).toBe(false)
  })

  test('a right gained does not make up for a right lost', () => {
    const turned = sketch({ memories: { raw: { gate: 'r', encoder: 'w' }, coded, clean } })
    expect(changes(base, turned).filter((change) => (change as Change).kind === 'rights')).toEqual([
      { kind: 'rights', memory: 'raw', holder: 'gate', before: 2, after: 3, width: 'wider' },
      { kind: 'rights', memory: 'raw', holder: 'gate', before: 3, after: 1, width: 'narrower' },
      { kind: 'rights', memory: 'raw', holder: 'encoder', before: 1, after: 3, width: 'wider' },
      { kind: 'rights', memory: 'raw', holder: 'encoder', before: 3, after: 2, width: 'narrower' },
    ])
  })
})

test('a shortcut around the moderator shows as the flow it opens', () => {
  const { raw, coded } = videoModeration.memories as Record<string, Record<string, string>>
  const before = sketch({ memories: { raw: raw!, coded: coded!, clean: { moderator: 'w' } } })
  const after = sketch({ memories: { raw: raw!, coded: coded!, clean: { moderator: 'w', gate: 'r' } } })
  expect(changes(before, after)).toContainEqual({
    kind: 'flow',
    from: 'clean',
    to: 'host',
    path: ['gate', 'nic', 'host'],
    width: 'wider',
  })
})

test('a way around a peer is shown where data could get there before only through it', () => {
  const call = { ...hostCall, peer: 'encoder', action: 'allow' } as const
  const bypasses = (before: Workflow, after: Workflow): string[] =>
    diffWorkflows(before, after).changes.flatMap((change) =>
      change.kind === 'bypass' ? [`${change.width} ${change.from} ${change.to} around ${change.around}`] : [],
    )
  const opened = sketch({ transitions: [call] })
  expect(bypasses(base, opened)).toEqual([
    'wider encoder host around gate',
    'wider raw host around gate',
    'wider encoder host around moderator',
    'wider raw host around moderator',
    'wider encoder gate around moderator',
    'wider raw gate around moderator',
    'wider nic encoder around gate',
    'wider nic moderator around gate',
  ])
  expect(bypasses(opened, base).every((text) => text.startsWith('narrower'))).toBe(true)
  const shown = diffWorkflows(base, opened).changes.find((change) => change.kind === 'bypass')
  expect(shown?.kind === 'bypass' && shown.path?.map(({ to }) => to)).toEqual(['host'])
})

test('a way around a peer is new exactly if “only via” it held before and does not after', () => {
  let found = 0
  fc.assert(
    fc.property(workflow({ identified: true }), fc.nat(), (description, pick) => {
      const memories = description.memories.map((memory, index) =>
        index === pick % description.memories.length
          ? { ...memory, mappings: memory.mappings.map((mapping) => ({ ...mapping, rights: mapping.rights | 3 })) }
          : memory,
      )
      const after = { ...description, memories }
      const listed = new Set(
        diffWorkflows(description, after).changes.flatMap((change) =>
          change.kind === 'bypass' && change.width === 'wider' ? [`${change.from} ${change.to} ${change.around}`] : [],
        ),
      )
      const [old, now] = [flowGraph(description), flowGraph(after)]
      const peers = description.peers.map(({ name }) => name)
      for (const from of [...peers, ...memories.map(({ name }) => name)]) {
        for (const to of [...peers, 'host']) {
          for (const around of peers) {
            if (from === to || around === from || around === to) continue
            const only: Assertion[] = [
              { property: { kind: 'reaches-only-via', from, to, via: [around] }, confined: [] },
            ]
            const reaches: Assertion[] = [{ property: { kind: 'reaches', from, to }, confined: [] }]
            const held = judge(old, only)[0]!.holds
            const broken = judge(now, reaches)[0]!.holds && !judge(now, only)[0]!.holds
            expect(listed.has(`${from} ${to} ${around}`)).toBe(held && broken)
            if (held && broken) found++
          }
        }
      }
    }),
    { numRuns: 60 },
  )
  expect(found).toBeGreaterThan(3)
})

test('an added peer is no wider right by itself, but what reaches it is', () => {
  const { memories } = videoModeration
  const spy = sketch({
    peers: { ...videoModeration.peers, spy: '' },
    memories: { ...memories, tap: { encoder: 'w', spy: 'r' } },
  })
  const found = changes(base, spy)
  expect(found).toContainEqual({ kind: 'peer', peer: 'spy', change: 'added', width: 'other' })
  expect(found).toContainEqual(expect.objectContaining({ kind: 'flow', from: 'raw', to: 'spy', width: 'wider' }))
})

test('a renumbered version, a moved memory and a word of trust widen nothing', () => {
  const memories = base.memories.map((memory) => ({
    ...memory,
    mappings: memory.mappings.map((mapping) => ({ ...mapping, ipaGranule: mapping.ipaGranule! + 512 })),
  }))
  const peers = base.peers.map((peer) => ({ ...peer, trusted: true }))
  const { widened, changes: found } = diffWorkflows(base, { ...base, version: 2, memories, peers })
  expect(widened).toBe(false)
  expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['trust', 'address', 'version']))
})

test('thousands of channels are compared by what reaches the host', () => {
  const count = 2000
  const chain = (last: string): Workflow => {
    const { peers } = workflowOf({
      peers: Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, i === count - 1 ? last : ''])),
      memories: {},
    })
    const memories = Array.from({ length: count - 1 }, (_, i) => ({
      name: `m${i}`,
      kind: 'protected' as const,
      granules: 1,
      paced: false,
      mappings: [
        { peer: i, rights: 2, ipaGranule: null },
        { peer: i + 1, rights: 1, ipaGranule: null },
      ],
    }))
    return { name: 'chain', peers, memories, transitions: [], assertions: [] }
  }
  const { changes: found } = diffWorkflows(chain(''), chain('open'))
  const flows = found.filter((change) => change.kind === 'flow')
  expect(flows.filter((flow) => flow.kind === 'flow' && flow.to === 'host')).toHaveLength(2 * count - 1)
})
