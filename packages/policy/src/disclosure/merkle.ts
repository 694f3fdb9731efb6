import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'

/** Bytes of a hash of a tree: SHA-256, whatever the Realms are measured with. */
export const TREE_HASH_BYTES = 32

/** What leaf and node hashes begin with, so that neither can be taken for the other (RFC 9162 section 2.1.1). */
const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/** The hash of a leaf over its data (RFC 9162 section 2.1.1). */
export function leafHash(...data: readonly Uint8Array[]): Uint8Array {
  return sha256(concatBytes(LEAF, ...data))
}

/** The hash of a node over its two subtrees. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(NODE, left, right))
}

/** Leaves in the left subtree of a node over `size` leaves, at least two: the largest power of two below `size`. */
export function leftSize(size: number): number {
  let left = 1
  while (left * 2 < size) left *= 2
  return left
}

/** The root of the tree over these leaf hashes, at least one (RFC 9162 section 2.1.1). */
export function treeRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (only !== undefined && leaves.length === 1) return only
  const left = leftSize(leaves.length)
  return nodeHash(treeRoot(leaves.slice(0, left)), treeRoot(leaves.slice(left)))
}
