import { attestedGraph, channelsByName, flowGraph, judge, leakers, type Member, type Property } from '@mica/policy'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rim, workflow } from '../arbitraries.ts'
import { hostCall, type MemorySketch, memberOf, videoModeration, type WorkflowSketch, workflowOf } from '../builders.ts'

const membersOf = (sketch: WorkflowSketch, ...names: string[]): Member[] =>
  names.map((name) => memberOf(workflowOf(sketch), name))
const graphOf = (members: Member[], viewpoint = 0) => attestedGraph(members, channelsByName(members), viewpoint)
const holds = (members: Member[], property: Property, viewpoint = 0): boolean =>
  judge(graphOf(members, viewpoint), [{ property, confined: [] }])[0]!.holds
const rawOnlyViaModerator: Property = { kind: 'reaches-only-via', from: 'raw', to: 'host', via: ['moderator'] }

test('the graph of a closed workflow’s members judges like the workflow', () => {
  const names = ['gate', 'encoder', 'moderator']
  const members = membersOf(videoModeration, ...names)
  for (const viewpoint of names.keys()) {
    expect(holds(members, rawOnlyViaModerator, viewpoint)).toBe(true)
    expect(holds(members, { kind: 'closed' }, viewpoint)).toBe(true)
    expect(leakers(graphOf(members, viewpoint))).toEqual(['gate'])
  }
})

test('on generated closed workflows, a peer reaches another in the report exactly if it does in the workflow', () => {
  let compared = 0
  fc.assert(
    fc.property(workflow({ identified: true }), (description) => {
      const strict = { ...description, peers: description.peers.map((peer) => ({ ...peer, strict: true })) }
      const members = strict.peers.map(({ name }) => memberOf(strict, name))
      const attested = graphOf(members)
      const whole = flowGraph(strict)
      // The viewpoint names what its own policy holds; what is not connected to it has no name in its assertions.
      const named = strict.peers.filter(({ name }) => attested.nodesOfName.has(name))
      for (const { name: from } of named) {
        for (const { name: to } of named) {
          compared++
          const assertions = [{ property: { kind: 'reaches', from, to } as const, confined: [] }]
          expect(judge(attested, assertions)[0]!.holds).toBe(judge(whole, assertions)[0]!.holds)
        }
      }
    }),
    { numRuns: 60 },
  )
  expect(compared).toBeGreaterThan(200)
})

test('an absent peer does what its entry says', () => {
  const members = membersOf(
    { ...videoModeration, transitions: [{ ...hostCall, peer: 'encoder', action: 'allow' }] },
    'gate',
    'moderator',
  )
  expect(holds(members, rawOnlyViaModerator)).toBe(false)
  expect(holds(membersOf(videoModeration, 'gate', 'moderator'), rawOnlyViaModerator)).toBe(true)
})

test('what any member’s policy allows counts, also where others say less', () => {
  const [gate, encoder, moderator] = membersOf(videoModeration, 'gate', 'encoder', 'moderator') as [
    Member,
    Member,
    Member,
  ]
  const wider = memberOf(
    workflowOf({ ...videoModeration, transitions: [{ ...hostCall, peer: 'encoder', action: 'allow' }] }),
    'encoder',
  )
  expect(holds([gate, encoder, moderator], rawOnlyViaModerator)).toBe(true)
  expect(holds([gate, wider, moderator], rawOnlyViaModerator)).toBe(false)
})

test('names mean what the viewpoint means by them: a stranger cannot call its own peer moderator', () => {
  const mine: WorkflowSketch = {
    peers: { gate: '', encoder: 'open', moderator: '' },
    memories: { raw: { gate: 'w', encoder: 'r' }, clean: { moderator: 'w', gate: 'r' } },
  }
  const theirs: WorkflowSketch = {
    peers: { gate: 'open', encoder: '', x: '', moderator: 'gateway' },
    memories: { raw: { gate: 'w', encoder: 'r' }, side: { encoder: 'w', moderator: 'r' } },
    unprotected: { nic: { moderator: 'w' } },
  }
  const members = [...membersOf(mine, 'gate'), ...membersOf(theirs, 'encoder')]
  const graph = graphOf(members)
  const judged = judge(graph, [
    { property: { kind: 'never-reaches', from: 'raw', to: 'host', except: ['moderator'] }, confined: ['encoder'] },
    { property: { kind: 'never-reaches', from: 'raw', to: 'side', except: [] }, confined: [] },
  ])
  expect(judged[0]!.path!.map(({ to }) => to)).toEqual([
    'encoder',
    'side (of encoder)',
    'moderator (of encoder)',
    'nic (of encoder)',
    'host',
  ])
  expect(judged[1]!.reason).toBe('nothing here is called `side`')
})

test.each<[string, MemorySketch, MemorySketch]>([
  ['lists its owner without being listed', { a: 'w', any: 'r' }, { e: 'w', a: 'r', any: 'r' }],
  ['is listed without listing its owner', { a: 'w', e: 'r', any: 'r' }, { e: 'w', any: 'r' }],
])(
  'a stranger’s memory that borrows a name and %s is not confined with the one that an assumption means',
  (_, meant, borrowed) => {
    const service: WorkflowSketch = {
      peers: { a: '', e: 'open' },
      memories: { m: { a: 'w', e: 'r' }, svc: meant },
    }
    const stranger: WorkflowSketch = {
      peers: { a: '', e: '' },
      memories: { m: { a: 'w', e: 'r' }, svc: borrowed },
    }
    const members = [memberOf(workflowOf(service), 'a'), memberOf(workflowOf(stranger), 'e')]
    const active = [{ holders: [0, 1].map((member) => ({ member, memory: 0 })) }]
    const judged = judge(attestedGraph(members, active, 0), [
      { property: { kind: 'never-reaches', from: 'm', to: 'host', except: [] }, confined: ['svc', 'e'] },
    ])[0]!
    expect(judged.path!.map(({ to }) => to)).toEqual(['e', 'svc (of e)', 'any of svc (of e)', 'host'])
  },
)

test('replicas share a name, and a path around one of them is a path around both', () => {
  const members = membersOf(videoModeration, 'gate', 'encoder', 'moderator', 'moderator')
  expect(graphOf(members).nodesOfName.get('moderator')).toEqual([2, 3])
  expect(holds(members, rawOnlyViaModerator)).toBe(true)
})

test('a peer without identity is the host', () => {
  const members = membersOf({ peers: { a: '', u: 'unknown' }, memories: { m: { a: 'w', u: 'r' } } }, 'a')
  expect(holds(members, { kind: 'never-reaches', from: 'a', to: 'host', except: [] })).toBe(false)
  expect(members[0]!.rim).toEqual(rim(1))
})

test('strangers cannot make a report expensive: all the absent peers that fit into the largest group are looked up', () => {
  // As many as fit into the largest group: 90 members whose policies name 255 absent peers of their own each.
  const identity = (a: number, b: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => [a, b][i] ?? 0)
  const members = Array.from({ length: 90 }, (_, member): Member => {
    const peers = Array.from({ length: 256 }, (_, index) => ({
      name: `p${index}`,
      gateway: false,
      strict: true,
      rims: [identity(member, index)],
    }))
    return {
      rim: identity(member, 0),
      rpv: new Uint8Array(64),
      policy: { self: 0, peers, memories: [], transitions: [] },
    }
  })
  // Compared one by one they would take longer than a test may.
  expect(attestedGraph(members, [], 0).network.peers).toHaveLength(90 * 256)
})
