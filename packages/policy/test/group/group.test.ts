import {
  blobDigest,
  type Channel,
  decodeGroup,
  describeFact,
  encodeBlob,
  encodeGroup,
  expandedBytes,
  GROUP_MEMBERS,
  type Group,
  type GroupMember,
  sortGroup,
} from '@mica/policy'
import { type CborValue, decodeCbor, encodeCbor } from '@mica/policy/cbor'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rim } from '../arbitraries.ts'
import { policyOf, videoModeration, workflowOf } from '../builders.ts'

const video = workflowOf(videoModeration)
const memberOf = (name: string): GroupMember => {
  const policy = policyOf(video, name)
  return { rim: policy.peers[policy.self]!.rims[0]!, hashAlgorithm: 'sha-256', blob: encodeBlob(policy) }
}
const pipeline: Group = {
  members: ['gate', 'encoder', 'moderator'].map(memberOf),
  channels: [
    [0, 1],
    [1, 2],
    [2, 0],
  ].map((holders, memory) => ({ holders: holders.map((member) => ({ member, memory })) })),
}

/** The same group with its members in another order. */
function permuted(group: Group, order: readonly number[]): Group {
  return {
    members: order.map((index) => group.members[index]!),
    channels: [...group.channels].reverse().map(({ holders }) => ({
      holders: [...holders].reverse().map(({ member, memory }) => ({ member: order.indexOf(member), memory })),
    })),
  }
}

function ruleOf(bytes: Uint8Array): string {
  const decoded = decodeGroup(bytes)
  return decoded.kind === 'refused' ? decoded.fact.rule : 'group'
}

/** A group's bytes after one change to its CBOR. */
function changed(change: (map: Map<number, CborValue[]>) => void, group = pipeline): string {
  const decoded = decodeCbor(encodeGroup(group), { deterministic: true })
  if (decoded.kind !== 'value') throw new Error('sample')
  change(decoded.value as unknown as Map<number, CborValue[]>)
  return ruleOf(encodeCbor(decoded.value))
}

test('a group survives encoding and decoding: blobs are the exact ones', () => {
  const decoded = decodeGroup(encodeGroup(pipeline))
  if (decoded.kind === 'refused') throw new Error(describeFact(decoded.fact))
  expect(decoded.group).toMatchObject(sortGroup(pipeline))
  expect(encodeGroup(decoded.group)).toEqual(encodeGroup(pipeline))
})

test('the bytes do not depend on the order in which members, channels and holders are given', () => {
  const bytes = encodeGroup(pipeline)
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (order) => {
      expect(encodeGroup(permuted(pipeline, order))).toEqual(bytes)
    }),
  )
})

test('replicas are sorted by what they share, also in a ring', () => {
  const encoder = memberOf('encoder')
  const ring = (size: number): Group => ({
    members: Array.from({ length: size }, () => encoder),
    channels: Array.from(
      { length: size },
      (_, i): Channel => ({
        holders: [
          { member: i, memory: 0 },
          { member: (i + 1) % size, memory: 1 },
        ],
      }),
    ),
  })
  const pairs: Group = {
    members: ['encoder', 'moderator', 'encoder', 'moderator'].map(memberOf),
    channels: [
      [0, 1],
      [2, 3],
    ].map((holders) => ({ holders: holders.map((member) => ({ member, memory: 1 })) })),
  }
  for (const group of [ring(6), pairs]) {
    const bytes = encodeGroup(group)
    expect(ruleOf(bytes)).toBe('group')
    const all = [...group.members.keys()]
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (order) => {
        expect(encodeGroup(permuted(group, order))).toEqual(bytes)
      }),
      { numRuns: 50 },
    )
  }
})

test('a further member of one workflow takes at most 150 bytes', () => {
  const sizes = [1, 2, 3].map(
    (count) =>
      encodeGroup({ members: pipeline.members.slice(0, count), channels: pipeline.channels.slice(0, count - 1) })
        .length,
  )
  expect(sizes[2]! - sizes[1]!).toBeLessThanOrEqual(150)
})

test('extensible measurements that the policy alone explains are left out, and others are not', () => {
  const [gate] = pipeline.members as [GroupMember]
  const digest = blobDigest(gate.blob, 'sha-256')
  const rem0 = blobDigest(Uint8Array.of(...new Uint8Array(32), ...digest), 'sha-256')
  const zero = new Uint8Array(32)
  const alone: Group = { members: [gate], channels: [] }
  const explained: Group = {
    members: [{ ...gate, rems: [rem0, zero, zero, zero], rpv: new Uint8Array(64) }],
    channels: [],
  }
  expect(encodeGroup(explained)).toEqual(encodeGroup(alone))
  const extended: Group = {
    members: [{ ...gate, rems: [rem0, rim(1), zero, zero], rpv: new Uint8Array(64).fill(1), chainHead: rim(3) }],
    channels: [],
  }
  expect(decodeGroup(encodeGroup(extended))).toMatchObject({ kind: 'group', group: extended })
})

describe('a group is refused', () => {
  test.each<[string, string, (map: Map<number, CborValue[]>) => void]>([
    ['of another format', 'group-wrong-shape', (map) => map.set(1, 2 as unknown as CborValue[])],
    ['with an unknown key', 'group-wrong-shape', (map) => map.set(5, [])],
    ['without members', 'group-wrong-shape', (map) => map.set(3, [])],
    [
      'whose members are in another order than its policies say',
      'group-digest-differs',
      (map) => map.get(3)!.reverse(),
    ],
    ['with unsorted channels', 'group-not-canonical', (map) => map.get(4)!.reverse()],
    ['with a channel of nobody', 'group-wrong-shape', (map) => map.set(4, [[]])],
    ['with a channel of a member that is not there', 'group-wrong-shape', (map) => map.set(4, [[[3, 0]]])],
    ['with a policy twice', 'group-not-canonical', (map) => map.get(2)!.push(map.get(2)![0]!)],
    ['with a policy that is none', 'group-body-refused', (map) => map.set(2, [Uint8Array.of(0)])],
    ['with Self out of range', 'group-body-refused', (map) => setField(map, 5, 9)],
    ['with another Self', 'group-digest-differs', (map) => setField(map, 5, 1)],
    ['with another digest', 'group-digest-differs', (map) => setField(map, 6, new Uint8Array(32))],
    ['with another measurement', 'group-digest-differs', (map) => setField(map, 0, rim(99))],
    ['with a measurement of another algorithm', 'group-wrong-shape', (map) => setField(map, 0, new Uint8Array(64))],
    ['with a personalization value of zeroes', 'group-not-canonical', (map) => setField(map, 1, new Uint8Array(64))],
  ])('%s', (_, rule, change) => {
    expect(changed(change)).toBe(rule)
  })

  test('with unsorted members', () => {
    const rems = (n: number): Uint8Array[] => [rim(n), rim(n), rim(n), rim(n)]
    const replicas = [1, 2].map((n) => ({ ...memberOf('gate'), rems: rems(n) }))
    expect(changed((map) => map.get(3)!.reverse(), { members: replicas, channels: [] })).toBe('group-not-canonical')
  })

  test('with more members than a reader takes', () => {
    const many: Group = { members: Array.from({ length: GROUP_MEMBERS + 1 }, () => memberOf('gate')), channels: [] }
    expect(ruleOf(encodeGroup(many))).toBe('over-limit')
  })

  test('with any byte changed', () => {
    const bytes = encodeGroup(pipeline)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const mutated = bytes.slice()
        mutated[at]! ^= change
        const decoded = decodeGroup(mutated)
        if (decoded.kind === 'group') expect(encodeGroup(decoded.group)).toEqual(mutated)
      }),
      { numRuns: 400 },
    )
  })
})

test('policies expand to the bytes of every distinct blob, however many members have it', () => {
  const [gate, encoder] = [memberOf('gate'), memberOf('encoder')]
  const copy = { ...gate, blob: gate.blob.slice() }
  expect(expandedBytes([gate, encoder, copy])).toBe(gate.blob.length + encoder.blob.length)
  expect(expandedBytes([])).toBe(0)
})

test('a policy that is no policy is our own mistake', () => {
  const [gate] = pipeline.members as [GroupMember]
  expect(() => encodeGroup({ members: [{ ...gate, blob: Uint8Array.of(1) }], channels: [] })).toThrow(TypeError)
})

function setField(map: Map<number, CborValue[]>, field: number, value: CborValue): void {
  const members = map.get(3) as CborValue[][]
  members[0]![field] = value
}
