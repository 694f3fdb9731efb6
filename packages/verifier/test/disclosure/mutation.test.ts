import { hiddenSubtrees, leafHash } from '@mica/policy'
import { type CborValue, decodeCbor, encodeCbor } from '@mica/policy/cbor'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeDisclosure } from '../../src/disclosure/evidence.ts'
import { disclose, type Finding, verify, verifyDisclosure } from '../../src/index.ts'
import {
  good,
  memberOf,
  options,
  SEED,
  shown,
  tree,
  treeEvidence,
  whole,
  wholeOptions,
  withMembers,
} from './disclosures.ts'

const judge = (evidence: Uint8Array): string => verifyDisclosure(evidence, { ...options, diagnostics: 'first' }).kind
const evidence = shown('encoder')
const names = (mutant: Uint8Array): string[] => {
  const verdict = verifyDisclosure(mutant, options)
  return verdict.kind === 'accepted' ? [] : verdict.findings.map(({ name }: Finding) => name)
}
/** The evidence with another disclosure, encoded or not. */
const showing = (value: CborValue): Uint8Array => withMembers(evidence, { [-75015]: [60, encodeCbor(value)] })
const hashes = tree.leaves.map(({ salt, entry }) => leafHash(salt, entry))
const leafValue = (index: number): CborValue[] => [index, tree.leaves[index]!.salt, tree.leaves[index]!.entry]
/** A disclosure of any leaves, with what leads to the root. */
const of = (...indices: number[]): CborValue => [indices.map(leafValue), hiddenSubtrees(hashes, indices)]
const edgesOf = (member: number): number[] =>
  tree.edges.flatMap((leaves) => leaves.filter((leaf) => isEdgeOf(member, leaf))).toSorted((x, y) => x - y)

function isEdgeOf(member: number, leaf: number): boolean {
  const decoding = decodeCbor(tree.leaves[tree.members[member]!]!.entry, { deterministic: true })
  return decoding.kind === 'value' && ((decoding.value as CborValue[])[7] as number[]).includes(leaf)
}

/** Every third byte: enough to touch each item, and quick. Time for a busy machine. */
test('what shows a member is rejected with any one byte changed, cut off or left out', { timeout: 30_000 }, () => {
  expect(judge(evidence)).toBe('accepted')
  const accepted: number[] = []
  for (let offset = 0; offset < evidence.length; offset += 3) {
    const flipped = evidence.with(offset, evidence[offset]! ^ (1 << (offset % 8)))
    const without = Uint8Array.of(...evidence.subarray(0, offset), ...evidence.subarray(offset + 1))
    const shorter = offset % 4 === 0 ? [without, evidence.subarray(0, offset)] : []
    for (const mutant of [flipped, ...shorter]) if (judge(mutant) !== 'rejected') accepted.push(offset)
  }
  expect(accepted).toEqual([])
})

test('a report with the group beside its tree is rejected with any byte of it changed', { timeout: 30_000 }, () => {
  const opening = memberOf(whole, -75014)
  const start = Buffer.from(whole).indexOf(Buffer.from(opening))
  expect(verify(whole, wholeOptions).kind).toBe('accepted')
  const accepted: number[] = []
  for (let offset = start; offset < start + opening.length; offset += 3) {
    const mutant = whole.with(offset, whole[offset]! ^ (1 << (offset % 8)))
    if (verify(mutant, { ...wholeOptions, diagnostics: 'first' }).kind !== 'rejected') accepted.push(offset)
  }
  expect(accepted).toEqual([])
})

test('any subset of members is accepted when it is shown, and nothing else is then said', () => {
  const choices = fc
    .subarray(['gate', 'encoder', 'moderator'], { minLength: 1 })
    .chain((members) =>
      fc.tuple(...members.map((member) => fc.record({ member: fc.constant(member), all: fc.boolean() }))),
    )
  fc.assert(
    fc.property(choices, (picked) => {
      const disclosing = disclose(
        whole,
        picked.map(({ member, all }) => (all ? { member } : { member, channels: [] })),
      )
      const verdict = disclosing.kind === 'disclosed' ? verifyDisclosure(disclosing.evidence, options) : undefined
      const members = verdict?.kind === 'accepted' ? verdict.claims.disclosure.members : []
      expect(members.map(({ edges, hiddenEdges }) => edges.length + hiddenEdges)).toEqual(picked.map(() => 2))
      expect(members.filter(({ edges }) => edges.length > 0)).toHaveLength(picked.filter(({ all }) => all).length)
    }),
    { numRuns: 40 },
  )
})

describe('leaves that are shown', () => {
  const [member, ...edges] = [tree.members[1]!, ...edgesOf(1)]
  const all = [member!, ...edges].toSorted((x, y) => x - y)

  test('are accepted as they are', () => {
    expect(names(showing(of(...all)))).toEqual([])
  })

  test.each<[string, CborValue]>([
    ['an edge without its member', of(edges[0]!)],
    [
      'an edge of another member',
      of(...[member!, edgesOf(0).find((leaf) => !edges.includes(leaf))!].toSorted((x, y) => x - y)),
    ],
    ['a leaf twice', [[leafValue(member!), leafValue(member!)], hiddenSubtrees(hashes, [member!])]],
    ['in another order', [all.toReversed().map(leafValue), hiddenSubtrees(hashes, all)]],
    ['none', [[], hiddenSubtrees(hashes, [])]],
    ['outside the tree', [[[9, ...leafValue(member!).slice(1)]], hiddenSubtrees(hashes, [member!])]],
    [
      'at the place of another',
      [[[(member! + 1) % 9, ...leafValue(member!).slice(1)]], hiddenSubtrees(hashes, [member!])],
    ],
    ['with too few hashes', [[leafValue(member!)], hiddenSubtrees(hashes, [member!]).slice(1)]],
    ['with too many hashes', [[leafValue(member!)], [...hiddenSubtrees(hashes, [member!]), new Uint8Array(32)]]],
    [
      'with hashes that are none',
      [[leafValue(member!)], hiddenSubtrees(hashes, [member!]).map(() => new Uint8Array(31))],
    ],
    ['with a short salt', [[[member!, new Uint8Array(31), tree.leaves[member!]!.entry]], []]],
    ['with a negative place', [[[-1, ...leafValue(member!).slice(1)]], []]],
    ['without a list', 7],
    ['with something more', [[leafValue(member!)], hiddenSubtrees(hashes, [member!]), 0]],
  ])('are refused: %s', (_, value) => {
    expect(names(showing(value))).toEqual(['group-tree'])
  })

  test('are refused in any encoding but the one', () => {
    const value = encodeCbor(of(...all))
    expect(value[0]).toBe(0x82)
    const longer = Uint8Array.of(0x98, 2, ...value.subarray(1))
    const beside = (bytes: Uint8Array) => names(withMembers(evidence, { [-75015]: [60, bytes] }))
    expect([beside(value), beside(longer), beside(Uint8Array.of(...value, 0))]).toEqual([
      [],
      ['group-tree'],
      ['group-tree'],
    ])
  })

  test('are refused under another root, and in a tree of another shape', () => {
    const proof = { [-75015]: [60, encodeCbor(of(...all))] }
    const signed = (size: number, root: Uint8Array): Uint8Array =>
      withMembers(treeEvidence({ realm: { [-75013]: [size, root] } }), { ...proof, [-75014]: undefined })
    expect(names(signed(9, tree.root))).toEqual([])
    expect(names(signed(9, tree.root.with(0, tree.root[0]! ^ 1)))).toEqual(['group-tree'])
    expect(names(signed(1000, tree.root))).toEqual(['group-tree'])
  })
})

describe('no hash stands for anything but what it was made of', () => {
  /** Evidence whose signed tree has these leaves, of which the first is shown. */
  const madeOf = (
    size: number,
    root: Uint8Array,
    index: number,
    salt: Uint8Array,
    entry: Uint8Array,
    ...hidden: Uint8Array[]
  ) =>
    withMembers(treeEvidence({ realm: { [-75013]: [size, root], [-75011]: 0 } }), {
      [-75014]: undefined,
      [-75015]: [60, encodeDisclosure({ leaves: [{ index, salt, entry }], hidden })],
    })

  test('a node is shown as no leaf: its left half as salt and its right half as what it says', () => {
    const [left, right] = [hashes[0]!, hashes[1]!]
    const rest = hiddenSubtrees(hashes, [0, 1])
    expect(names(madeOf(8, tree.root, 0, left, right, ...rest))).toEqual(['group-tree'])
  })

  test('a leaf says what its sort says: an edge that claims to be a member has no form', () => {
    const salt = SEED
    for (const entry of [
      encodeCbor([1, new Uint8Array(16), 0, 1, 1]),
      encodeCbor([2, new Uint8Array(32), null, null, 0, new Uint8Array(32), null, []]),
    ]) {
      expect(names(madeOf(1, leafHash(salt, entry), 0, salt, entry))).toEqual(['group-tree'])
    }
    const member = encodeCbor([1, new Uint8Array(32), null, null, 0, new Uint8Array(32), null, []])
    expect(names(madeOf(1, leafHash(salt, member), 0, salt, member))).toEqual([])
  })

  test('salt and entry are cut at one place: bytes moved from one to the other are refused', () => {
    const { salt, entry } = tree.leaves[tree.members[1]!]!
    const joined = Uint8Array.of(...salt, ...entry)
    for (const at of [31, 33]) {
      const moved = [tree.members[1]!, joined.subarray(0, at), joined.subarray(at)]
      expect(names(showing([[moved], hiddenSubtrees(hashes, [tree.members[1]!])]))).toEqual(['group-tree'])
    }
  })
})

test('no bytes beside a signed root make verification throw, whatever they are', () => {
  const leaf = fc.oneof(fc.nat(9), fc.constant(null), fc.uint8Array({ maxLength: 40 }), fc.constantFrom(SEED, good))
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 4 })),
  }))
  fc.assert(
    fc.property(value, fc.uint8Array({ maxLength: 60 }), (any, bytes) => {
      for (const beside of [encodeCbor(any as CborValue), bytes]) {
        expect(judge(withMembers(evidence, { [-75015]: [60, beside] }))).toBe('rejected')
        const opened = withMembers(whole, { [-75014]: [60, beside] })
        expect(verify(opened, { ...wholeOptions, diagnostics: 'first' }).kind).toBe('rejected')
        expect(disclose(opened, [{ member: 'gate' }]).kind).toBe('refused')
      }
    }),
    { numRuns: 60 },
  )
})

test('thousands of leaves that nobody signed are refused like one', () => {
  const many = Array.from({ length: 2000 }, (_, index) => [index, SEED, new Uint8Array(8)])
  const mutant = withMembers(treeEvidence({ realm: { [-75013]: [65_536, tree.root] } }), {
    [-75014]: undefined,
    [-75015]: [60, encodeCbor([many, []])],
  })
  expect(names(mutant)).toEqual(['group-tree'])
})
