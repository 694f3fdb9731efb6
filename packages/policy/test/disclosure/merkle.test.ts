import { hiddenSubtrees, leafHash, rootOfShown } from '@mica/policy'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodeHash, treeRoot } from '../../src/disclosure/merkle.ts'
import { mth, path, verifies } from './rfc9162.ts'

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const hex = (data: Uint8Array | undefined): string | undefined =>
  data === undefined ? undefined : Buffer.from(data).toString('hex')

/** The leaves and roots that implementations of certificate transparency test themselves with. */
const DATA = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const known = DATA.map((data) => leafHash(bytes(data)))
const numbered = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => leafHash(Uint8Array.of(index)))

test.each(ROOTS.map((root, index) => [index + 1, root] as const))(
  'the tree of %i leaves has the known root',
  (n, root) => {
    expect(hex(treeRoot(known.slice(0, n)))).toBe(root)
  },
)

/** A tree, and which of its leaves are shown. */
const shownTree = fc
  .integer({ min: 1, max: 40 })
  .chain((size) => fc.record({ size: fc.constant(size), shown: fc.uniqueArray(fc.nat(size - 1), { maxLength: size }) }))
const shownOf = (leaves: readonly Uint8Array[], shown: readonly number[]) =>
  shown.toSorted((a, b) => a - b).map((index) => ({ index, hash: leaves[index]! }))

describe('leaves that are shown', () => {
  test('of any subset lead to the root', () => {
    fc.assert(
      fc.property(shownTree, ({ size, shown }) => {
        const leaves = numbered(size)
        const places = shownOf(leaves, shown)
        const hidden = hiddenSubtrees(
          leaves,
          places.map(({ index }) => index),
        )
        expect(rootOfShown(size, places, hidden)).toEqual(Uint8Array.from(mth(leaves)))
      }),
      { numRuns: 200 },
    )
  })

  test('one at a time come with the hashes of the inclusion proof of RFC 9162, which verifies as the text says', () => {
    for (let size = 1; size <= 17; size++) {
      const leaves = numbered(size)
      for (let index = 0; index < size; index++) {
        const proof = path(index, leaves)
        expect(hiddenSubtrees(leaves, [index]).map(hex).toSorted()).toEqual(proof.map(hex).toSorted())
        expect(verifies(index, size, leaves[index]!, proof, treeRoot(leaves))).toBe(true)
      }
    }
  })

  test('do not lead there with any byte, any hash, any place or the size changed', () => {
    fc.assert(
      fc.property(shownTree, fc.nat(), fc.nat(), ({ size, shown }, which, flip) => {
        const leaves = numbered(size)
        const root = hex(treeRoot(leaves))
        const places = shownOf(leaves, shown)
        const hidden = hiddenSubtrees(
          leaves,
          places.map(({ index }) => index),
        )
        const flipped = (hash: Uint8Array): Uint8Array => hash.with(which % 32, hash[which % 32]! ^ (1 + (flip % 255)))
        for (const [at, place] of places.entries()) {
          expect(hex(rootOfShown(size, places.with(at, { ...place, hash: flipped(place.hash) }), hidden))).not.toBe(
            root,
          )
        }
        for (const [at, hash] of hidden.entries()) {
          expect(hex(rootOfShown(size, places, hidden.with(at, flipped(hash))))).not.toBe(root)
          expect(rootOfShown(size, places, hidden.toSpliced(at, 1))).toBeUndefined()
        }
        expect(rootOfShown(size, places, [...hidden, new Uint8Array(32)])).toBeUndefined()
      }),
      { numRuns: 60 },
    )
  })

  test('are at the place that is named, and at no other', () => {
    for (let size = 1; size <= 9; size++) {
      const leaves = numbered(size)
      const root = hex(treeRoot(leaves))
      for (let index = 0; index < size; index++) {
        const hidden = hiddenSubtrees(leaves, [index])
        for (let other = 0; other <= size; other++) {
          const found = hex(rootOfShown(size, [{ index: other, hash: leaves[index]! }], hidden))
          expect(found === root).toBe(other === index)
        }
      }
    }
  })

  test('may fit trees of several sizes, which is why the size is signed beside the root', () => {
    const leaves = numbered(4)
    const shown = [{ index: 0, hash: leaves[0]! }]
    expect(rootOfShown(3, shown, hiddenSubtrees(leaves, [0]))).toEqual(treeRoot(leaves))
  })

  test('outside the tree, twice, or out of order lead nowhere', () => {
    const leaves = numbered(5)
    const [first, second] = shownOf(leaves, [1, 2])
    const hidden = hiddenSubtrees(leaves, [1, 2])
    expect(rootOfShown(5, [first!, second!], hidden)).toBeDefined()
    expect(rootOfShown(5, [first!, first!, second!], hidden)).toBeUndefined()
    expect(rootOfShown(5, [{ ...first!, index: 5 }], hiddenSubtrees(leaves, [4]))).toBeUndefined()
    expect(rootOfShown(5, [{ ...first!, index: 1_000_000 }], [])).toBeUndefined()
  })

  test('of a tree without leaves there are none', () => {
    const [hash] = numbered(1) as [Uint8Array]
    expect(rootOfShown(0, [], [])).toBeUndefined()
    expect(rootOfShown(0, [], [hash])).toBeUndefined()
    expect(rootOfShown(0, [{ index: 1_000_000, hash }], [])).toBeUndefined()
  })
})

describe('neither sort of hash stands for the other', () => {
  const leaves = numbered(4)
  const root = hex(treeRoot(leaves))
  const [left, right] = [nodeHash(leaves[0]!, leaves[1]!), nodeHash(leaves[2]!, leaves[3]!)]

  test('a node is no leaf: its two subtrees as data hash to something else', () => {
    expect(hex(leafHash(leaves[0]!, leaves[1]!))).not.toBe(hex(left))
    expect(hex(rootOfShown(2, [{ index: 0, hash: leafHash(leaves[0]!, leaves[1]!) }], [right]))).not.toBe(root)
  })

  test('a tree of half the size with nodes for leaves has the same root, so the size is signed with it', () => {
    expect(hex(rootOfShown(2, [{ index: 0, hash: left }], [right]))).toBe(root)
  })
})
