import { createHmac } from 'node:crypto'
import {
  blobDigest,
  countLeaves,
  decodeBlob,
  decodeEntry,
  decodeGroup,
  encodeBlob,
  encodeGroup,
  type Group,
  type GroupMember,
  type GroupTree,
  groupTree,
  hiddenSubtrees,
  leafHash,
  RIGHT,
  sortGroup,
} from '@mica/policy'
import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rim } from '../arbitraries.ts'
import { policyOf, videoModeration, workflowOf } from '../builders.ts'
import { mth, sha256 } from './rfc9162.ts'

const video = workflowOf(videoModeration)
const NAMES = ['gate', 'encoder', 'moderator']
const memberOf = (name: string): GroupMember => {
  const policy = policyOf(video, name)
  return { rim: policy.peers[policy.self]!.rims[0]!, hashAlgorithm: 'sha-256', blob: encodeBlob(policy) }
}
const pipeline: Group = sortGroup({
  members: NAMES.map(memberOf),
  channels: [
    [0, 1],
    [1, 2],
    [2, 0],
  ].map((holders, memory) => ({ holders: holders.map((member) => ({ member, memory })) })),
})
const SEED = new Uint8Array(32).fill(7)
const tree = groupTree(pipeline, SEED)
const entryAt = ({ leaves }: GroupTree, index: number) => decodeEntry(leaves[index]!.entry)
const hashes = ({ leaves }: GroupTree): Uint8Array[] => leaves.map(({ salt, entry }) => leafHash(salt, entry))

test('the tree has a leaf for each member and for each end of a channel, and the root that RFC 9162 gives them', () => {
  expect(countLeaves(pipeline)).toBe(9)
  expect(tree.leaves).toHaveLength(9)
  const data = tree.leaves.map(({ salt, entry }) => sha256(Uint8Array.of(0), salt, entry))
  expect(tree.root).toEqual(Uint8Array.from(mth(data)))
})

test('a member says who it is, under which policy, and where its edges are; an edge what its member may do there', () => {
  for (const [index, member] of pipeline.members.entries()) {
    const entry = entryAt(tree, tree.members[index]!)
    expect(entry).toEqual({
      kind: 'member',
      rim: member.rim,
      hashAlgorithm: 'sha-256',
      digest: blobDigest(member.blob, 'sha-256'),
      edges: tree.edges
        .flatMap((leaves, channel) => leaves.filter((_, i) => pipeline.channels[channel]!.holders[i]!.member === index))
        .toSorted((a, b) => a - b),
    })
  }
  for (const [channel, { holders }] of pipeline.channels.entries()) {
    for (const [end, { member, memory }] of holders.entries()) {
      const decoded = decodeBlob(pipeline.members[member]!.blob)
      if (decoded.kind === 'refused') throw new Error('sample')
      const { peers, self, memories } = decoded.policy
      const letter = videoModeration.memories[memories[memory]!.name]![peers[self]!.name]
      const rights = letter === 'w' ? RIGHT.write : RIGHT.read
      expect(entryAt(tree, tree.edges[channel]![end]!)).toMatchObject({ kind: 'edge', memory, rights, others: 1 })
    }
  }
})

test('edges of one channel have one label, and edges of two channels have two', () => {
  const labels = tree.edges.map((leaves) =>
    leaves.map((leaf) => {
      const entry = entryAt(tree, leaf)
      return entry.kind === 'edge' ? Buffer.from(entry.channel).toString('hex') : ''
    }),
  )
  expect(labels.map((ends) => new Set(ends).size)).toEqual([1, 1, 1])
  expect(new Set(labels.flat()).size).toBe(3)
})

test('what is not null in a report of the group is not null in its leaf', () => {
  const [gate, ...others] = pipeline.members as [GroupMember, ...GroupMember[]]
  const rems = [1, 2, 3, 4].map(rim)
  const full: GroupMember = { ...gate, rpv: new Uint8Array(64).fill(1), rems, chainHead: rim(9) }
  const made = groupTree({ ...pipeline, members: [full, ...others] }, SEED)
  expect(entryAt(made, made.members[0]!)).toMatchObject({ rpv: full.rpv, rems, chainHead: full.chainHead })
})

test('salts are derived from the seed one by one, differ, and order the leaves', () => {
  const derived = tree.leaves.map((_, n) =>
    createHmac('sha256', SEED)
      .update(encodeCbor(['salt', n]))
      .digest('hex'),
  )
  expect(tree.leaves.map(({ salt }) => Buffer.from(salt).toString('hex'))).toEqual(derived.toSorted())
  expect(new Set(derived).size).toBe(9)
})

test('the form stays as it is: this group and seed have this root', () => {
  expect(Buffer.from(tree.root).toString('hex')).toBe(
    'bff2eff794a9158de3af1f2c6d0daed0eaecf956aeeda68711c89d642c3a0a01',
  )
})

test('a group that is read has the tree that it was signed with', () => {
  const decoded = decodeGroup(encodeGroup(pipeline))
  expect(decoded.kind === 'group' && groupTree(decoded.group, SEED)).toEqual(tree)
})

describe('of what is not shown', () => {
  const policies = [...new Set(pipeline.members.map(({ blob }) => blob))]
  /** Anything that a member could be, whose place among the others is the same. */
  const other = fc.record({
    seed: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    last: fc.nat(255),
    rems: fc.option(fc.constant([1, 2, 3, 4].map(rim)), { nil: undefined }),
    chainHead: fc.option(fc.constant(rim(5)), { nil: undefined }),
    blob: fc.constantFrom(...policies),
    shown: fc.nat(2),
  })

  test('nothing shows but hashes: two groups that differ in it have proofs of the same leaves, of the same size', () => {
    fc.assert(
      fc.property(other, ({ seed, last, rems, chainHead, blob, shown }) => {
        const changed = pipeline.members.map((member, index) => {
          if (index === shown) return member
          return { ...member, rim: member.rim.with(31, last), rems, chainHead, blob }
        })
        const [one, two] = [pipeline, { ...pipeline, members: changed }].map((group) => groupTree(group, seed))
        const leaf = one!.members[shown]!
        const entry = entryAt(one!, leaf)
        const leaves = [leaf, ...(entry.kind === 'member' ? entry.edges : [])].toSorted((a, b) => a - b)
        expect(leaves.map((index) => two!.leaves[index])).toEqual(leaves.map((index) => one!.leaves[index]))
        const proofs = [one!, two!].map((made) => hiddenSubtrees(hashes(made), leaves))
        expect(proofs[1]!.map(({ length }) => length)).toEqual(proofs[0]!.map(({ length }) => length))
      }),
      { numRuns: 40 },
    )
  })

  test('places say nothing: each leaf is everywhere as the seed would have it', () => {
    const places = Array.from({ length: 300 }, (_, n) => groupTree(pipeline, rim(n % 256).with(1, n >> 8)).members[0]!)
    const counts = tree.leaves.map((_, place) => places.filter((found) => found === place).length)
    // 300 throws of a die with nine sides: each side comes up about 33 times.
    expect(Math.min(...counts)).toBeGreaterThan(10)
    expect(Math.max(...counts)).toBeLessThan(70)
  })

  test('no guess can be tried: the same group with another seed has another hash for every leaf', () => {
    const again = groupTree(pipeline, new Uint8Array(32).fill(8))
    const known = new Set(hashes(tree).map((hash) => Buffer.from(hash).toString('hex')))
    expect(hashes(again).filter((hash) => known.has(Buffer.from(hash).toString('hex')))).toEqual([])
  })
})

describe('a leaf is refused', () => {
  const member: CborValue[] = [1, rim(1), null, null, 0, rim(2), null, [1, 2]]
  const edge: CborValue[] = [2, new Uint8Array(16), 0, 1, 1]
  const ruleOf = (entry: CborValue): string => {
    const decoded = decodeEntry(encodeCbor(entry))
    return decoded.kind === 'refused' ? decoded.fact.rule : decoded.kind
  }

  test('or is what it says', () => {
    expect([ruleOf(member), ruleOf(edge)]).toEqual(['member', 'edge'])
  })

  test.each<[string, CborValue]>([
    ['that is no list', 7],
    ['of another sort', [3, ...edge.slice(1)]],
    ['with the fields of a member and the sort of an edge', [2, ...member.slice(1)]],
    ['with the fields of an edge and the sort of a member', [1, ...edge.slice(1)]],
    ['with a field more', [...edge, 0]],
    ['with a measurement of another algorithm', member.with(4, 1)],
    ['with an unknown algorithm', member.with(4, 2)],
    ['whose edges do not ascend', member.with(7, [2, 1])],
    ['with one edge twice', member.with(7, [1, 1])],
    ['with an edge that is no place', member.with(7, [-1])],
    ['with a label of another size', edge.with(1, new Uint8Array(15))],
    ['with rights that are no number', edge.with(3, null)],
  ])('%s', (_, entry) => {
    expect(ruleOf(entry)).toBe('group-wrong-shape')
  })

  test('that is no deterministic CBOR', () => {
    expect(decodeEntry(Uint8Array.of(0x98, 1, 0))).toMatchObject({ fact: { rule: 'group-not-cbor' } })
    expect(decodeEntry(new Uint8Array())).toMatchObject({ fact: { rule: 'group-not-cbor' } })
  })
})
