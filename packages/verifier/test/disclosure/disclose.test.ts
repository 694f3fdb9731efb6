import { decodeEntry } from '@mica/policy'
import { describe, expect, test } from 'vitest'
import { decodeDisclosure } from '../../src/disclosure/evidence.ts'
import { disclose, type MemberChoice, readEvidence, verifyDisclosure } from '../../src/index.ts'
import { evidenceOf, groupBytes, membersOf } from '../group/pipeline.ts'
import {
  decoded,
  decodedCbor,
  good,
  memberOf,
  options,
  SEED,
  shown,
  tree,
  treeEvidence,
  whole,
  withMembers,
} from './disclosures.ts'

const leavesIn = (evidence: Uint8Array) => decodeDisclosure(memberOf(evidence, -75015))!.leaves
const made = (...choices: readonly MemberChoice[]): Uint8Array => {
  const disclosing = disclose(whole, choices)
  if (disclosing.kind === 'refused') throw new Error(disclosing.reason)
  return disclosing.evidence
}

describe('evidence that shows a member', () => {
  test('has the two tokens as they were, and beside them its leaf and those of its edges', () => {
    const evidence = shown('encoder')
    for (const label of [44234, 44241]) expect(memberOf(evidence, label)).toEqual(memberOf(whole, label))
    expect([...(decodedCbor(evidence) as { value: Map<number, unknown> }).value.keys()]).toEqual([44234, 44241, -75015])
    const entries = leavesIn(evidence).map(({ entry }) => decodeEntry(entry).kind)
    expect(entries.toSorted()).toEqual(['edge', 'edge', 'member'])
    expect(leavesIn(evidence).map(({ index }) => index)).toContain(tree.members[1])
  })

  test('holds nothing of the others: neither what they are, nor their policies, salts or labels, nor the seed', () => {
    const evidence = Buffer.from(shown('encoder'))
    const own = leavesIn(evidence).map(({ index }) => index)
    const hidden = tree.leaves.filter((_, index) => !own.includes(index)).flatMap(({ salt, entry }) => [salt, entry])
    const others = decoded(good).members.filter((_, index) => index !== 1)
    const secrets = [...others.flatMap(({ rim, blob }) => [rim, blob]), ...hidden, SEED, good]
    expect(secrets).toHaveLength(18)
    expect(secrets.filter((secret) => evidence.includes(Buffer.from(secret)))).toEqual([])
    expect(evidence.includes(Buffer.from(decoded(good).members[1]!.rim))).toBe(true)
  })

  test('is the same but for hashes and signatures whatever the others are', () => {
    const [gate, encoder, moderator] = membersOf()
    const rems = [1, 2, 3, 4].map((byte) => new Uint8Array(32).fill(byte))
    const others = [
      { ...moderator!, more: { rpv: new Uint8Array(64).fill(9), rems, chainHead: rems[0]! } },
      { ...moderator!, rim: new Uint8Array(32).fill(0xee) },
    ]
    const before = decodeDisclosure(memberOf(shown('encoder'), -75015))!
    for (const other of others) {
      const disclosing = disclose(treeEvidence({ group: groupBytes([gate!, encoder!, other]) }), [
        { member: 'encoder' },
      ])
      if (disclosing.kind === 'refused') throw new Error(disclosing.reason)
      const after = decodeDisclosure(memberOf(disclosing.evidence, -75015))!
      expect(after.leaves).toEqual(before.leaves)
      expect(after.hidden.map(({ length }) => length)).toEqual(before.hidden.map(({ length }) => length))
      expect(after.hidden).not.toEqual(before.hidden)
      expect(disclosing.evidence.length).toBe(shown('encoder').length)
    }
  })

  test('shows the edges that are chosen, and how many are not', () => {
    const edgesOf = (...choices: readonly MemberChoice[]) => {
      const verdict = verifyDisclosure(made(...choices), options)
      return verdict.kind === 'accepted'
        ? verdict.claims.disclosure.members.map(({ edges, hiddenEdges }) => [edges.length, hiddenEdges])
        : verdict.findings
    }
    expect(edgesOf({ member: 'encoder' })).toEqual([[2, 0]])
    expect(edgesOf({ member: 'encoder', channels: ['raw'] })).toEqual([[1, 1]])
    expect(edgesOf({ member: 'encoder', channels: [] })).toEqual([[0, 2]])
  })

  test('is the same whichever choices say so', () => {
    expect(made({ member: 'gate' }, { member: 'encoder' })).toEqual(made({ member: 'encoder' }, { member: 'gate' }))
    const twice = made({ member: 'gate', channels: ['raw'] }, { member: 'gate', channels: ['clean'] })
    expect(twice).toEqual(made({ member: 'gate' }))
  })

  test('is told from other evidence by what it holds', () => {
    const evidence = [shown('gate'), treeEvidence(), evidenceOf(good), new Uint8Array()]
    expect(evidence.map((one) => readEvidence(one).kind)).toEqual(['disclosure', 'group', 'group', 'token'])
    const beside = { [-75015]: [60, memberOf(shown('gate'), -75015)] }
    expect(readEvidence(withMembers(evidenceOf(good), beside)).kind).toBe('group')
  })

  test('can be of either envelope', () => {
    const disclosing = disclose(treeEvidence({ envelope: 399 }), [{ member: 'gate' }])
    expect(disclosing.kind === 'disclosed' && verifyDisclosure(disclosing.evidence, options).kind).toBe('accepted')
  })
})

describe('nothing is made', () => {
  const reason = (evidence: Uint8Array, ...choices: readonly MemberChoice[]): string => {
    const disclosing = disclose(evidence, choices)
    return disclosing.kind === 'refused' ? disclosing.reason : 'disclosed'
  }

  test('for nobody, for a member or a channel that there is not', () => {
    expect(reason(treeEvidence())).toBe('nobody is to be shown')
    expect(reason(treeEvidence(), { member: 'encodr' })).toBe(
      'there is no member `encodr`; the members are gate, encoder, moderator',
    )
    expect(reason(treeEvidence(), { member: 'gate' }, { member: 'encoder', channels: ['raw', 'clean'] })).toBe(
      '`encoder` does not hold channel `clean`',
    )
    expect(reason(treeEvidence(), { member: 'gate', channels: ['nic'] })).toBe('`gate` does not hold channel `nic`')
  })

  test('of a report in which the group is signed, of a part of another, and of what is no evidence', () => {
    const gate = { member: 'gate' }
    expect(reason(evidenceOf(good), gate)).toBe(
      'profile: `tag:mica,2026:group#1.0.0` is not the profile of a tree over a group',
    )
    expect(reason(shown('gate'), gate)).toBe('group-tree: the group does not travel beside the root of its tree')
    expect(reason(new Uint8Array(), gate)).toContain('malformed: ')
    expect(reason(Uint8Array.of(0xd9, 0x03, 0x8b, 0xa0), gate)).toContain('missing-platform: ')
  })

  test('of a group whose tree is not the one that is signed', () => {
    const other = withMembers(treeEvidence({ group: groupBytes(membersOf().slice(1)) }), {
      [-75014]: [60, memberOf(treeEvidence(), -75014)],
    })
    expect(reason(other, { member: 'gate' })).toContain('group-tree: ')
  })

  test('of replicas by a name that they share', () => {
    const [gate, encoder] = membersOf()
    const group = groupBytes([gate!, encoder!, encoder!])
    expect(reason(treeEvidence({ group }), { member: 'encoder' })).toContain('encoder#1, encoder#2')
    expect(reason(treeEvidence({ group }), { member: 'encoder#2' })).toBe('disclosed')
  })
})
