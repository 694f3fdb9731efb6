import { encodeCbor } from '@mica/policy/cbor'
import { describe, expect, test } from 'vitest'
import { type Finding, releaseKey, verify, verifyToken } from '../../src/index.ts'
import { good, SEED, shown, tree, treeEvidence, wholeOptions, withMembers } from '../disclosure/disclosures.ts'
import { evidenceOf, groupBytes, membersOf, options } from './pipeline.ts'

const findings = (evidence: Uint8Array, more: Partial<typeof options> = {}): readonly Finding[] => {
  const verdict = verify(evidence, { ...wholeOptions, ...more })
  return verdict.kind === 'accepted' ? [] : verdict.findings
}
const names = (evidence: Uint8Array, more: Partial<typeof options> = {}): string[] => [
  ...new Set(findings(evidence, more).map((one) => one.name)),
]
const openingOf = (...parts: readonly Uint8Array[]) => ({ [-75014]: [60, encodeCbor([...parts])] })

describe('a report in which a tree is signed', () => {
  test('says everything that one with the group signed says, if the group travels beside the root', () => {
    const verdict = verify(treeEvidence(), wholeOptions)
    expect(verdict.kind).toBe('accepted')
    expect(verdict).toEqual(verify(evidenceOf(good), options))
    expect(names(treeEvidence({ envelope: 399 }))).toEqual([])
  })

  test('names the member that asked by its leaf', () => {
    for (const [member, leaf] of tree.members.entries()) {
      const verdict = verify(treeEvidence({ realm: { [-75011]: leaf } }), wholeOptions)
      expect(verdict.kind === 'accepted' && verdict.claims.group.requester).toBe(member)
    }
    expect(names(treeEvidence({ realm: { [-75011]: tree.edges[0]![0]! } }))).toEqual(['requester-not-a-member'])
  })

  test('is worth nothing from a monitor that is endorsed for the other form only, and the other way round', () => {
    expect(names(treeEvidence(), { endorsements: options.endorsements })).toEqual(['rmm-not-known-to-enforce'])
    expect(names(evidenceOf(good))).toEqual(['rmm-not-known-to-enforce'])
  })

  test('is rejected for what the other form is rejected for', () => {
    const [gate, ...others] = membersOf()
    const rems = [1, 2, 3, 4].map((byte) => new Uint8Array(32).fill(byte))
    const groups = [
      groupBytes(others),
      groupBytes([{ ...gate!, rim: new Uint8Array(32).fill(0xee) }, ...others]),
      groupBytes([{ ...gate!, more: { rems } }, ...others]),
      groupBytes([gate!, gate!, ...others]),
    ]
    for (const group of groups) {
      const found = findings(treeEvidence({ group }))
      expect(found.length).toBeGreaterThan(0)
      expect(found).toEqual(findings(evidenceOf(group), options))
    }
  })
})

describe('what travels beside a signed root', () => {
  test.each<[string, string, Parameters<typeof treeEvidence>[0]]>([
    ['nothing', 'the group does not travel beside', { beside: { [-75014]: undefined } }],
    ['another type', 'the group does not travel beside', { beside: { [-75014]: [263, encodeCbor([SEED, good])] } }],
    ['no CBOR', 'is not a seed and a group', { beside: { [-75014]: [60, Uint8Array.of(0x82)] } }],
    ['a seed alone', 'is not a seed and a group', { beside: openingOf(SEED) }],
    ['a third thing', 'is not a seed and a group', { beside: openingOf(SEED, good, good) }],
    ['a short seed', 'is not a seed and a group', { beside: openingOf(SEED.subarray(1), good) }],
    ['another seed', 'another tree than the one that is signed', { beside: openingOf(SEED.with(0, 0), good) }],
    [
      'a smaller group',
      '6 members and edges, the tree that is signed 9 leaves',
      { beside: openingOf(SEED, groupBytes(membersOf().slice(1))) },
    ],
    ['another group', 'another tree', { beside: openingOf(SEED, groupBytes(withRpv())) }],
  ])('may not be %s', (_, detail, replaced) => {
    const found = findings(treeEvidence(replaced))
    expect(found.map(({ name }) => name)).toEqual(['group-tree'])
    expect(found[0]!.detail).toContain(detail)
  })

  test('is a group in its canonical form', () => {
    expect(names(treeEvidence({ beside: openingOf(SEED, good.subarray(1)) }))).toEqual(['group'])
  })

  test('is not opened when nobody vouches for it and it is large, whatever the caller wants to see', () => {
    const replaced = { realm: { 10: new Uint8Array(64) }, beside: openingOf(SEED, new Uint8Array(20_000)) }
    expect(names(treeEvidence(replaced))).toEqual(['freshness'])
    const small = { ...replaced, beside: openingOf(SEED, new Uint8Array(20)) }
    expect(names(treeEvidence(small))).toEqual(['freshness', 'group'])
    expect(names(treeEvidence(small), { diagnostics: 'first' })).toEqual(['freshness'])
  })
})

describe('one form is never taken for the other', () => {
  test('the claims of one under the profile of the other are refused', () => {
    const asList = { 265: 'tag:mica,2026:group#1.0.0' }
    expect(names(treeEvidence({ realm: asList }), options)).toEqual(['claims'])
    const asTree = { 265: 'tag:mica,2026:group-tree#1.0.0' }
    expect(names(evidenceOf(good, asTree))).toEqual(['claims'])
  })

  test('a statement with the claims of both is refused under either profile', () => {
    const root = [tree.leaves.length, tree.root]
    expect(findings(treeEvidence({ realm: { [-75010]: good } }))).toMatchObject([
      { name: 'claims', claim: 'realm -75010', detail: 'realm claim -75010: is of the other form of a report' },
    ])
    expect(findings(evidenceOf(good, { [-75013]: root }), options)).toMatchObject([
      { name: 'claims', claim: 'realm -75013' },
    ])
  })

  test('a group that travels beside a signed group says nothing', () => {
    const other = encodeCbor([SEED, groupBytes(membersOf().slice(1))])
    const evidence = withMembers(evidenceOf(good), { [-75014]: [60, other] })
    expect(verify(evidence, options)).toEqual(verify(evidenceOf(good), options))
  })

  test('a verifier of tokens refuses it by its profile, as does one of groups that are signed', () => {
    const verdict = verifyToken(treeEvidence(), { ...wholeOptions, expectations: {} })
    expect(verdict.kind === 'rejected' && verdict.findings.map(({ name }) => name)).toContain('profile')
  })

  test('what shows some members is no report on a group, also if it shows all', () => {
    for (const evidence of [shown('gate'), shown('gate', 'encoder', 'moderator')]) {
      expect(names(evidence)).toEqual(['group-tree'])
    }
  })
})

describe('the claim of a tree', () => {
  const root = tree.root
  test.each<[string, unknown]>([
    ['no list', root],
    ['of one thing', [root]],
    ['of three things', [9, root, root]],
    ['with no leaves', [0, root]],
    ['with more leaves than a reader takes', [65_537, root]],
    ['with a negative number', [-9, root]],
    ['with a short root', [9, root.subarray(1)]],
    ['with a root in text', [9, 'root']],
    ['that is not there', undefined],
  ])('%s is refused', (_, claim) => {
    expect(names(treeEvidence({ realm: { [-75013]: claim as never } }))).toEqual(['claims'])
  })

  test('has the leaf of the member that asked below its number of leaves', () => {
    expect(names(treeEvidence({ realm: { [-75011]: 9 } }))).toEqual(['claims'])
    expect(names(treeEvidence({ realm: { [-75011]: undefined } }))).toEqual(['claims'])
  })

  test('stands with no claim about one Realm beside it', () => {
    for (const label of [256, 44235, 44236, 44238, 44239, 44243, -75009]) {
      expect(names(treeEvidence({ realm: { [label]: new Uint8Array(32) } }))).toEqual(['claims'])
    }
  })
})

test('a secret is released on a report of either form, to the member that asked', async () => {
  const { keyReleaseChallenge } = await import('../../src/index.ts')
  const recipientKey = encodeCbor(
    new Map<number, number | Uint8Array>([
      [1, 1],
      [-1, 4],
      [-2, new Uint8Array(32).fill(9)],
    ]),
  )
  const nonce = new Uint8Array(32).fill(4)
  const challenge = keyReleaseChallenge(nonce, recipientKey)
  const release = async (leaf: number) => {
    const evidence = treeEvidence({ realm: { 10: challenge, [-75011]: leaf } })
    const recipient = { peer: 'gate', rim: membersOf()[0]!.rim }
    const { kind } = await releaseKey({
      ...wholeOptions,
      evidence,
      nonce,
      recipientKey,
      recipient,
      secret: Uint8Array.of(1),
    })
    return kind
  }
  expect(await release(tree.members[0]!)).toBe('released')
  expect(await release(tree.members[1]!)).toBe('withheld')
})

function withRpv(): ReturnType<typeof membersOf> {
  return membersOf().map((member) => ({ ...member, more: { rpv: new Uint8Array(64).fill(1) } }))
}
