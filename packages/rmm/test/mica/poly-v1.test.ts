import { encodeBlob, type Memory, type Policy } from '@mica/policy'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { extendRem, RSI_HOST_CALL } from '../../src/abi/index.ts'
import { GRANULE_STATE } from '../../src/granule/state.ts'
import {
  LINK,
  LINK_GRANULE,
  linked,
  look,
  policyOf,
  put,
  REFUSAL,
  rightsAt,
  SECRET,
  stage,
  upload,
  withoutEffect,
} from '../attacks/arena.ts'
import { PAGE, RAM } from '../scripted-host.ts'
import { groupToken, open } from './group-evidence.ts'
import { labelled, labelledPolicy, wireOf } from './labelled.ts'

const SIDES = ['left', 'right'] as const
const ORDERS = [SIDES, ['right', 'left']] as const

/** Format 2 of what {@link labelledPolicy} says. */
const canonical = (policy: Policy): Uint8Array =>
  encodeBlob({ ...policy, peers: policy.peers.map(({ label: _, ...peer }) => peer) })

test.each(ORDERS)('two Realms with v1 policies share memory, with the rights of both: %s, then %s', (...order) => {
  const pair = linked()
  for (const side of order) expect(upload(pair[side], labelled(side))).toBe('accepted')
  expect([rightsAt(pair.left, LINK), rightsAt(pair.right, LINK)]).toEqual(['w', 'r'])
  expect(put(pair.left, LINK, SECRET)).toBeUndefined()
  expect(look(pair.right, LINK)).toBe(SECRET)
})

test('what is frozen, measured, kept and reported is the policy in format 2', () => {
  const { left, right, host } = linked()
  expect(upload(left, labelled('left'))).toBe('accepted')
  expect(upload(right, labelled('right'))).toBe('accepted')
  const blob = canonical(labelledPolicy('left'))
  expect(left.realm.rems[0]).toEqual(extendRem(new Uint8Array(32), sha256(blob), sha256))
  const { memory } = host.machine
  const kept = Array.from({ length: memory.granules }, (_, granule) => granule)
    .filter((granule) => host.rmm.monitor.granules.state(granule) === GRANULE_STATE.pd)
    .map((granule) => memory.granuleBytes(granule).subarray(0, blob.length))
  expect(kept).toContainEqual(blob)
  const { group } = open(groupToken(left, 1n))
  const blobs = new Set(group.members.map((member) => Buffer.from(member.blob).toString('hex')))
  expect(blobs).toEqual(new Set(SIDES.map((side) => Buffer.from(canonical(labelledPolicy(side))).toString('hex'))))
})

test('a Realm with a v1 policy and one that uploads the same in format 2 are members of one kind', () => {
  const mixed = linked()
  expect(upload(mixed.left, labelled('left'))).toBe('accepted')
  expect(upload(mixed.right, canonical(labelledPolicy('right')))).toBe('accepted')
  const pure = linked()
  for (const side of SIDES) expect(upload(pure[side], labelled(side))).toBe('accepted')
  expect(mixed.left.realm.rems).toEqual(pure.left.realm.rems)
  expect(open(groupToken(mixed.left, 1n)).group).toEqual(open(groupToken(pure.left, 1n)).group)
})

describe('beside a peer whose policy names measurements', () => {
  test.each(ORDERS)('a v1 policy is held to what that policy says of its Realm: %s, then %s', (...order) => {
    const pair = linked()
    for (const side of order) {
      expect(upload(pair[side], side === 'left' ? pair.policy('left') : labelled('right'))).toBe('accepted')
    }
    expect(put(pair.left, LINK, SECRET)).toBeUndefined()
    expect(look(pair.right, LINK)).toBe(SECRET)
  })

  test('it gets no right, no address and no memory that the other does not list', () => {
    const cases: readonly (readonly [string, Uint8Array])[] = [
      [
        'rights-wider',
        labelled('right', ({ memories }) => {
          memories[0] = { ...memories[0]!, mappings: memories[0]!.mappings.map((own) => ({ ...own, rights: 3 })) }
        }),
      ],
      ['granules-differ', labelled('right', ({ memories }) => void memories.splice(0, 1, larger(memories[0]!)))],
      ['strict-memory-unlisted', labelled('right', ({ memories }) => void memories.push(elsewhere(memories[0]!)))],
    ]
    for (const [rule, blob] of cases) {
      const { host, left, right, policy } = linked()
      expect(upload(left, policy('left'))).toBe('accepted')
      if (rule === 'granules-differ') host.share(1, [right, LINK + PAGE])
      if (rule === 'strict-memory-unlisted') host.share(1, [right, LINK + 8 * PAGE])
      expect(upload(right, blob)).toBe(rule)
      expect(rightsAt(right, LINK)).toBe('-')
    }
  })
})

const larger = (memory: Memory): Memory => ({ ...memory, granules: 2 })
const elsewhere = (memory: Memory): Memory => ({
  ...memory,
  name: 'Mem2',
  mappings: memory.mappings.map((mapping) => ({ ...mapping, ipaGranule: LINK_GRANULE + 8 })),
})

test('names are not compared: granules, size, rights and addresses say which memory it is', () => {
  const renamed = labelled('right', (parts) => {
    parts.memories = parts.memories.map((memory) => ({ ...memory, name: 'Line' }))
    parts.peers = parts.peers.map((peer) => ({ ...peer, name: `${peer.name}x` }))
  })
  const pair = linked()
  expect(upload(pair.left, labelled('left'))).toBe('accepted')
  expect(upload(pair.right, renamed)).toBe('accepted')
  const moved = labelled('right', ({ memories }) => {
    const mappings = memories[0]!.mappings.map((own) => (own.peer === 0 ? { ...own, ipaGranule: 0x210 } : own))
    memories[0] = { ...memories[0]!, mappings }
  })
  const apart = linked()
  expect(upload(apart.left, labelled('left'))).toBe('accepted')
  expect(upload(apart.right, moved)).toBe('address-differs')
})

test('where nothing tells two peers of a memory apart, nobody is admitted to either place', () => {
  const { host, realms } = stage(2)
  host.share(1, [realms[0]!, LINK], [realms[1]!, LINK])
  const board = (self: number): Uint8Array => {
    const policy = labelledPolicy('left', ({ peers, memories }) => {
      peers.push({ name: 'VM3', label: 3, gateway: false, strict: false })
      const [writer, reader] = memories[0]!.mappings
      memories[0] = { ...memories[0]!, mappings: [writer!, reader!, { ...reader!, peer: 2 }] }
    })
    return wireOf({ ...policy, self })
  }
  expect(upload(realms[0]!, board(0))).toBe('accepted')
  expect(upload(realms[1]!, board(1))).toBe('peer-ambiguous')
})

test('an `any` whose count is -1 admits as many as come, one with a count that many', () => {
  for (const [anyCount, last] of [
    [undefined, 'accepted'],
    [2, 'any-over-count'],
  ] as const) {
    const { host, realms } = stage(4)
    host.share(1, ...realms.map((realm) => [realm, LINK] as const))
    const [provider, ...clients] = realms
    const change: Parameters<typeof labelled>[1] = ({ memories }) => {
      const [, own] = memories[0]!.mappings
      memories[0] = { ...memories[0]!, mappings: [own!, { ...own!, peer: null, ...(anyCount && { anyCount }) }] }
    }
    expect(upload(provider!, labelled('right', change))).toBe('accepted')
    expect(clients.map((client) => upload(client, labelled('right', change)))).toEqual(['accepted', 'accepted', last])
  }
})

test('what no control flow lists is blocked, and one that is listed holds for its owner alone', () => {
  const call = Number(RSI_HOST_CALL)
  for (const [owner, exits] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const { left } = linked()
    const blob = labelled('left', ({ transitions }) =>
      transitions.push({ peer: owner, class: 'call', action: 'allow', ranges: [[call, call]] }),
    )
    expect(upload(left, blob)).toBe('accepted')
    const { exits: seen, value } = left.perform((cpu) => cpu.smc([RSI_HOST_CALL, BigInt(RAM)]))
    // The last exit is the wait after the job.
    expect(seen.length - 1).toBe(exits)
    expect(value![0]).toBe(exits === 1 ? 0n : 2n)
  }
})

/** A good blob with some bytes changed, and some appended. */
const changed = (changes: Readonly<Record<number, number>>, ...after: readonly number[]): Uint8Array => {
  const flow = { peer: 0, class: 'call', action: 'block', ranges: [[23, 23]] } as const
  const bytes = Uint8Array.of(...labelled('left', ({ transitions }) => transitions.push(flow)), ...after)
  for (const [at, value] of Object.entries(changes)) bytes[Number(at)] = value
  return bytes
}
const [VM2, MEM1, FIRST, SECOND, FLOW] = [28, 40, 56, 76, 96] as const

test.each<[string, string, Uint8Array]>([
  ['another version', 'unknown-format', changed({ 4: 2 })],
  ['no Self', 'index-out-of-range', changed({ 6: 0xff, 7: 0xff })],
  ['a count above eight', 'over-limit', changed({ 8: 9 })],
  ['a reserved field of the header', 'poly-bad-value', changed({ 14: 1 })],
  ['a reserved field of a peer', 'poly-bad-value', changed({ [VM2 + 10]: 1 })],
  ['a second peer of one name', 'duplicate-name', changed({ [VM2 + 2]: 0x31 })],
  ['a second peer of one label', 'same-label', changed({ [VM2 + 4]: 1 })],
  ['a flag that is neither 0 nor 1', 'poly-bad-value', changed({ [VM2 + 9]: 2 })],
  ['a memory of another type', 'poly-bad-value', changed({ [MEM1 + 12]: 3 })],
  ['a size of no whole granules', 'poly-bad-value', changed({ [MEM1 + 4]: 1 })],
  ['rights that there are not', 'poly-bad-value', changed({ [FIRST + 2]: 4 })],
  ['a place twice', 'duplicate-mapping', changed({ [SECOND]: 0 })],
  ['an address that is not aligned', 'poly-bad-value', changed({ [FIRST + 4]: 8 })],
  ['an address beyond the half', 'outside-address-space', changed({ [FIRST + 9]: 1 })],
  ['an `any` of nobody', 'poly-bad-value', changed({ [SECOND]: 0xff, [SECOND + 1]: 0xff })],
  ['a control flow of another type', 'poly-bad-value', changed({ [FLOW + 6]: 3 })],
  ['a control flow of another policy', 'poly-bad-value', changed({ [FLOW + 8]: 3 })],
  ['a control flow that blocks what always happens', 'below-forced', changed({ [FLOW + 6]: 2, [FLOW + 12]: 1 })],
  ['bytes after the last record', 'poly-trailing-bytes', changed({}, 0)],
  ['bytes that end too soon', 'poly-cut-short', changed({}).subarray(0, 90)],
])('%s is a refusal that leaves no trace', (_, rule, blob) => {
  const { host, left } = linked()
  left.perform((cpu) => cpu.store(RAM + 2 * PAGE, blob))
  expect(withoutEffect(host, () => upload(left, blob), REFUSAL)).toBe(rule)
})

test('control: those bytes as they were are accepted', () => {
  expect(upload(linked().left, changed({}))).toBe('accepted')
})

test('memories of one peer that overlap are refused', () => {
  const blob = labelled('left', ({ memories }) => void memories.push({ ...memories[0]!, name: 'Mem2' }))
  expect(upload(linked().left, blob)).toBe('overlapping-memories')
})

test('whatever follows the magic, the answer is a status, and what is refused leaves no trace', () => {
  const good = changed({})
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((tail) => Uint8Array.of(...good.subarray(0, 4), ...tail)),
    fc.tuple(fc.integer({ min: 4, max: good.length - 1 }), fc.nat(255)).map(([at, value]) => changed({ [at]: value })),
  )
  fc.assert(
    fc.property(fc.array(bytes, { minLength: 1, maxLength: 8 }), (blobs) => {
      const { host, left } = linked()
      for (const blob of blobs) {
        left.perform((cpu) => cpu.store(RAM + 2 * PAGE, blob))
        if (withoutEffectUnlessAccepted(host, () => upload(left, blob)) === 'accepted') return
      }
    }),
    { numRuns: 12 },
  )
})

function withoutEffectUnlessAccepted(host: Parameters<typeof withoutEffect>[0], attempt: () => string): string {
  let answer = ''
  const upload = (): string => {
    answer = attempt()
    return answer
  }
  try {
    return withoutEffect(host, upload, REFUSAL)
  } catch (difference) {
    if (answer === 'accepted') return answer
    throw difference
  }
}

test('a policy of v1 that is in force is as final as any', () => {
  const { left, policy } = linked()
  expect(upload(left, labelled('left'))).toBe('accepted')
  expect(upload(left, policyOf(policy('left')))).toBe('not looked at')
  expect(upload(left, labelled('left'))).toBe('not looked at')
})
