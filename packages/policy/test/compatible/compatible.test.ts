import {
  type Channel,
  channelsByName,
  checkPair,
  checkSelf,
  compatibleSet,
  describeFact,
  fittingMappings,
  type Member,
  type Policy,
  zeroRpv,
} from '@mica/policy'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rim, workflow } from '../arbitraries.ts'
import { hostCall, type MemorySketch, memberOf, videoModeration, type WorkflowSketch, workflowOf } from '../builders.ts'

const video = workflowOf(videoModeration)
const members = ['gate', 'encoder', 'moderator'].map((name) => memberOf(video, name))
const rules = (set: readonly Member[], channels: readonly Channel[] = channelsByName(set)): string[] =>
  compatibleSet(set, channels).map(({ rule }) => rule)

/** The members of several views: each peer's policy comes from its own workflow. */
const views = (...of: [name: string, sketch: WorkflowSketch][]): Member[] =>
  of.map(([name, sketch]) => memberOf(workflowOf(sketch), name))

/** Both orders of the only pair. */
function pairRules(set: readonly Member[]): string[] {
  const forth = rules(set)
  const back = rules([...set].reverse())
  expect(forth.length > 0).toBe(back.length > 0)
  return forth
}

describe('the policy of Self', () => {
  const [, encoder] = members as [Member, Member, Member]
  test('is that of the measured Realm', () => {
    expect(checkSelf(encoder.policy, encoder)).toBeUndefined()
    expect(checkSelf(encoder.policy, { ...encoder, rim: rim(77) })?.rule).toBe('self-rim-differs')
  })
  test('has the personalization value that it gives', () => {
    const peers = encoder.policy.peers.map((peer) => ({ ...peer, rpv: new Uint8Array(64).fill(1) }))
    expect(checkSelf({ ...encoder.policy, peers }, encoder)?.rule).toBe('self-rpv-differs')
  })
  test('covers the unprotected memory that it uses', () => {
    const gate = members[0]!
    const peers = gate.policy.peers.map((peer) => ({ ...peer, gateway: false }))
    expect(checkSelf({ ...gate.policy, peers }, gate)?.rule).toBe('self-not-gateway')
  })
})

test('a Realm fits the mapping that names it, or else those of nobody named', () => {
  const { policy } = memberOf(
    workflowOf({ peers: { a: '', b: '', u: 'unknown' }, memories: { m: { a: 'w', b: 'r', any: 'r', u: 'r' } } }),
    'a',
  )
  const fits = (n: number): readonly number[] => fittingMappings(policy, 0, { rim: rim(n), rpv: zeroRpv() })
  expect(fits(2)).toEqual([1])
  expect(fits(9)).toEqual([2, 3])
})

test('nobody else fits the place of a Self without measurement: it is whoever holds the policy', () => {
  const { policy } = memberOf(
    workflowOf({ peers: { u: 'unknown', b: '' }, memories: { m: { u: 'w', b: 'r', any: 'r' } } }),
    'u',
  )
  const fits = (n: number): readonly number[] => fittingMappings(policy, 0, { rim: rim(n), rpv: zeroRpv() })
  expect(fits(2)).toEqual([1])
  expect(fits(9)).toEqual([2])
})

describe('projections of one workflow', () => {
  test('are compatible', () => {
    expect(rules(members)).toEqual([])
  })
  test('are always compatible, whatever the workflow', () => {
    fc.assert(
      fc.property(workflow({ identified: true }), (anyWorkflow) => {
        const all = anyWorkflow.peers.map(({ name }) => memberOf(anyWorkflow, name))
        // Self-contradictions of a generated workflow (a right that makes no sense) are no business of this law.
        expect(compatibleSet(all, channelsByName(all)).map(describeFact)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})

describe('two views of one memory', () => {
  const base: WorkflowSketch = { peers: { a: '', b: '' }, memories: { m: { a: 'w', b: 'r' } } }
  const a = (changes: Partial<WorkflowSketch>): [string, WorkflowSketch] => ['a', { ...base, ...changes }]
  const b = (changes: Partial<WorkflowSketch>): [string, WorkflowSketch] => ['b', { ...base, ...changes }]

  test('agree when they are the same', () => expect(pairRules(views(a({}), b({})))).toEqual([]))
  test('do not admit a stranger', () => {
    const stranger = { ...memberOf(workflowOf(base), 'b'), rim: rim(9) }
    expect(rules([memberOf(workflowOf(base), 'a'), stranger])).toContain('peer-not-admitted')
  })
  test('refuse a right that the peer does not grant', () => {
    expect(pairRules(views(a({}), b({ memories: { m: { a: 'w', b: 'rw' } } })))).toEqual(['rights-wider'])
  })
  test('accept a right that the peer grants and Self does not take', () => {
    expect(pairRules(views(a({ memories: { m: { a: 'w', b: 'rw' } } }), b({})))).toEqual([])
  })
  test('refuse different pacing', () => {
    expect(pairRules(views(a({ paced: ['m'] }), b({})))).toEqual(['pacing-differs'])
  })
  test('refuse different names, sizes, kinds and addresses', () => {
    const [mine, theirs] = views(a({}), b({})) as [Member, Member]
    const changed = (changes: object): string | undefined => {
      const memories = theirs.policy.memories.map((memory) => ({ ...memory, ...changes }))
      const policy: Policy = { ...theirs.policy, memories }
      const forth = checkPair(mine.policy, mine, policy, theirs, [{ mine: 0, theirs: 0 }])
      const back = checkPair(policy, theirs, mine.policy, mine, [{ mine: 0, theirs: 0 }])
      expect(back?.rule).toBe(forth?.rule)
      return forth?.rule
    }
    expect(changed({})).toBeUndefined()
    expect(changed({ name: 'other' })).toBe('name-differs')
    expect(changed({ granules: 5 })).toBe('size-differs')
    expect(changed({ kind: 'unprotected' })).toBe('kind-differs')
    const moved = theirs.policy.memories[0]!.mappings.map((mapping) => ({ ...mapping, ipaGranule: 512 }))
    expect(changed({ mappings: moved })).toBe('address-differs')
    const anywhere = moved.map((mapping) => ({ ...mapping, ipaGranule: null }))
    expect(changed({ mappings: anywhere })).toBe('address-differs')
    // An address holds for a peer that is open, too.
    const open = (policy: Policy): Policy => ({
      ...policy,
      peers: policy.peers.map((peer) => ({ ...peer, strict: false })),
    })
    const floating = { ...theirs.policy, memories: [{ ...theirs.policy.memories[0]!, mappings: anywhere }] }
    const fact = checkPair(open(mine.policy), mine, open(floating), theirs, [{ mine: 0, theirs: 0 }])
    expect(fact?.rule).toBe('address-differs')
  })
  test('need no common name where one side says any', () => {
    const service: WorkflowSketch = { peers: { a: '' }, memories: { svc: { a: 'rw', any: 'rw' } }, anyCount: 1 }
    const client: WorkflowSketch = { peers: { a: 'open', b: '' }, memories: { mine: { a: 'rw', b: 'rw' } } }
    const set = views(['a', service], ['b', client]).map((member) => unplaced(member))
    expect(
      rules(set, [
        {
          holders: [
            { member: 0, memory: 0 },
            { member: 1, memory: 0 },
          ],
        },
      ]),
    ).toEqual([])
  })
})

describe('an entry bounds the whole policy of its peer', () => {
  const base: WorkflowSketch = { peers: { a: '', b: '' }, memories: { m: { a: 'w', b: 'r' } } }
  const more: WorkflowSketch = {
    peers: { a: '', b: '', c: '' },
    memories: { ...base.memories, extra: { b: 'w', c: 'r' } },
  }
  const open = { a: '', b: 'open' }

  test('no unlisted memory of a strict peer', () => {
    expect(pairRules(views(['a', base], ['b', more]))).toEqual(['strict-memory-unlisted'])
  })
  test('unlisted memory of an open peer', () => {
    expect(
      pairRules(views(['a', { ...base, peers: open }], ['b', { ...more, peers: { ...more.peers, b: 'open' } }])),
    ).toEqual([])
  })
  test('no unprotected memory of a peer that is no gateway, even an open one', () => {
    const leaky: WorkflowSketch = { ...base, peers: { a: '', b: 'open gateway' }, unprotected: { nic: { b: 'w' } } }
    expect(pairRules(views(['a', { ...base, peers: open }], ['b', leaky]))).toEqual(['peer-not-gateway'])
  })
  test('no transition wider than the entry says, block < scrub < allow', () => {
    const calling = (action: 'allow' | 'scrub'): WorkflowSketch => ({
      ...base,
      transitions: [{ ...hostCall, peer: 'b', action }],
    })
    expect(pairRules(views(['a', base], ['b', calling('scrub')]))).toEqual(['strict-transition-wider'])
    expect(pairRules(views(['a', calling('scrub')], ['b', calling('allow')]))).toEqual(['strict-transition-wider'])
    expect(pairRules(views(['a', calling('allow')], ['b', calling('scrub')]))).toEqual([])
  })
  test('no more components in a place than the entry admits there, named or not', () => {
    const peers = { a: '', b: '', c: '', d: '' }
    const m = { a: 'w', b: 'r' }
    const one: WorkflowSketch = {
      peers: { a: '', b: '' },
      memories: { m, out: { b: 'w', any: 'r' } },
      anyCount: 1,
    }
    const named: WorkflowSketch = { peers: { ...peers, d: 'open' }, memories: { m, out: { b: 'w', c: 'r', d: 'r' } } }
    const fewer: WorkflowSketch = { peers, memories: { m, out: { b: 'w', c: 'r' } } }
    const mixed: WorkflowSketch = { ...named, memories: { m, out: { b: 'w', c: 'r', any: 'r' } }, anyCount: 1 }
    const placed = (...set: Member[]): string[] => {
      const free = set.map(unplaced)
      const holders = free.map((_, member) => ({ member, memory: 0 }))
      return rules(free, [{ holders }])
    }
    const open = (sketch: WorkflowSketch): WorkflowSketch => ({ ...sketch, peers: { ...sketch.peers, c: 'open' } })
    const [a] = views(['a', one]) as [Member]
    expect(placed(a, ...views(['b', open(fewer)]))).toEqual([])
    expect(placed(a, ...views(['b', open(named)]))).toEqual(['strict-mapping-unlisted'])
    expect(placed(a, ...views(['b', open(mixed)]))).toEqual(['strict-mapping-unlisted'])
  })
  test('nobody else in its place for Self, but where the two share that memory', () => {
    const two: WorkflowSketch = { peers: { a: '', b: '' }, memories: { m: { a: 'w', b: 'r' }, n: { a: 'w', b: 'r' } } }
    const [a, b] = views(['a', two], ['b', two]) as [Member, Member]
    const entryOfA = ({ policy, ...member }: Member, entry: Partial<Policy['peers'][number]>): Member => {
      const peers = policy.peers.map((peer, index) => (index === 0 ? { ...peer, ...entry } : peer))
      return { ...member, policy: { ...policy, peers } }
    }
    const together = (set: readonly Member[], ...memories: readonly number[]): string[] =>
      rules(
        set,
        memories.map((memory) => ({ holders: [0, 1].map((member) => ({ member, memory })) })),
      )
    for (const whoever of [{ rims: [] }, { rims: [a.rim, rim(9)] }]) {
      expect(together([a, entryOfA(b, whoever)], 0, 1)).toEqual([])
      expect(together([a, entryOfA(b, whoever)], 0)).toEqual(['strict-mapping-unlisted'])
    }
    const anyReplica = entryOfA(b, { rims: [] })
    const thisReplica = { rims: [], rpv: zeroRpv() }
    expect(together([entryOfA(a, thisReplica), anyReplica], 0)).toEqual(['strict-mapping-unlisted'])
    expect(together([entryOfA(a, thisReplica), entryOfA(b, thisReplica)], 0)).toEqual([])
    expect(together([a, entryOfA(b, { rpv: zeroRpv() })], 0)).toEqual([])
  })
  test('a service that the entry blocks is wider by default', () => {
    const noAttest: WorkflowSketch = {
      ...base,
      transitions: [{ peer: 'b', class: 'call', action: 'block', ranges: [[0xc400_0194, 0xc400_0195]] }],
    }
    expect(pairRules(views(['a', noAttest], ['b', base]))).toEqual(['strict-transition-wider'])
  })
  test('transitively, through strict peers that the two do not share', () => {
    const chain: WorkflowSketch = {
      peers: { a: '', b: '', c: '' },
      memories: { m: { a: 'w', b: 'r' }, n: { b: 'w', c: 'r' } },
    }
    const wider: WorkflowSketch = { ...chain, transitions: [{ ...hostCall, peer: 'c', action: 'allow' }] }
    expect(pairRules(views(['a', chain], ['b', wider]))).toEqual(['strict-transition-wider'])
    const endsAtC = { ...chain, peers: { a: '', b: '', c: 'open' } }
    expect(pairRules(views(['a', endsAtC], ['b', { ...wider, peers: endsAtC.peers }]))).toEqual([])
    expect(pairRules(views(['a', chain], ['b', endsAtC]))).toEqual(['strict-peer-wider'])
  })
  test('in everything that a strict peer says of a third: windows, pacing, flags, and how many may come', () => {
    const chain = (
      c: string,
      more: Partial<WorkflowSketch> = {},
      n: MemorySketch = { b: 'w', c: 'r' },
    ): WorkflowSketch => ({
      peers: { a: '', b: '', c },
      memories: { m: { a: 'w', b: 'r' }, n },
      ...more,
    })
    const judged = (a: WorkflowSketch, b: WorkflowSketch): string[] => pairRules(views(['a', a], ['b', b]))
    const nic = { unprotected: { nic: { c: 'r' } } }
    expect(judged(chain('gateway'), chain('gateway', nic))).toEqual(['strict-memory-unlisted'])
    expect(judged(chain('gateway', nic), chain('gateway', nic))).toEqual([])
    expect(judged(chain(''), chain('', { paced: ['n'] }))).toEqual(['pacing-differs'])
    expect(judged(chain('', { paced: ['n'] }), chain(''))).toEqual(['pacing-differs'])
    expect(judged(chain('open'), chain('open gateway'))).toEqual(['strict-peer-wider'])
    expect(judged(chain('open gateway'), chain('open'))).toEqual([])
    const any = (anyCount?: number): WorkflowSketch =>
      chain('open', anyCount === undefined ? {} : { anyCount }, { b: 'w', c: 'r', any: 'r' })
    expect([any(2), any()].map((b) => judged(any(1), b))).toEqual([
      ['strict-mapping-unlisted'],
      ['strict-mapping-unlisted'],
    ])
    expect([any(1), any(2)].map((b) => judged(any(2), b))).toEqual([[], []])
  })
})

describe('a set', () => {
  test('has one holder of a named mapping', () => {
    const twin = memberOf(video, 'encoder')
    const set = [...members, twin]
    expect(rules(set)).toContain('mapping-held')
    // Also where the holder itself is the only one to see it.
    const alone = [members[1]!, twin]
    expect(rules(alone, [{ holders: [0, 1].map((member) => ({ member, memory: 0 })) }])).toEqual([
      'mapping-held',
      'mapping-held',
    ])
  })
  test('has no more of any than its count', () => {
    const service = workflowOf({ peers: { a: '' }, memories: { svc: { a: 'w', any: 'r' } }, anyCount: 1 })
    const client = (n: number): Member => {
      const sketch: WorkflowSketch = { peers: { a: '', b: '' }, memories: { svc: { a: 'w', b: 'r', any: 'r' } } }
      const member = unplaced(memberOf(workflowOf(sketch), 'b'))
      const peers = member.policy.peers.map((peer, i) =>
        i === 1 ? { ...peer, rims: [rim(n)] } : { ...peer, strict: false },
      )
      return { ...member, rim: rim(n), policy: { ...member.policy, peers } }
    }
    const provider = unplaced(memberOf(service, 'a'))
    expect(rules([provider, client(20)])).toEqual([])
    expect(rules([provider, client(20), client(21)])).toEqual(['any-over-count'])
  })
  test('has holders that have the memory', () => {
    expect(rules(members, [{ holders: [{ member: 0, memory: 1 }] }])).toEqual(['self-not-in-memory'])
    expect(rules(members, [{ holders: [{ member: 7, memory: 1 }] }])).toEqual(['memory-unknown'])
    const twice = { holders: [{ member: 0, memory: 0 }] }
    expect(rules(members, [twice, twice])).toEqual(['memory-held-twice'])
  })
  test('has no member that holds the same granules as two memories', () => {
    const holders = [0, 2].map((memory) => ({ member: 0, memory }))
    expect(rules(members, [{ holders }])).toEqual(['memory-held-twice'])
  })
  test('is judged the same in every order', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 }),
        fc.constantFrom('scrub' as const, undefined),
        (order, action) => {
          const other = action === undefined ? video : { ...video, transitions: [{ ...hostCall, peer: 1, action }] }
          const all = [members[0]!, memberOf(other, 'encoder'), members[2]!, memberOf(video, 'encoder')]
          const facts = (set: readonly Member[]): string[] =>
            compatibleSet(set, channelsByName(set))
              .map((f) => f.rule)
              .sort()
          expect(facts(order.map((i) => all[i]!)).length > 0).toBe(facts(all).length > 0)
        },
      ),
    )
  })
})

/** A member whose policy says no addresses. */
function unplaced(member: Member): Member {
  const memories = member.policy.memories.map((memory) => ({
    ...memory,
    mappings: memory.mappings.map((mapping) => ({ ...mapping, ipaGranule: null })),
  }))
  return { ...member, policy: { ...member.policy, memories } }
}
