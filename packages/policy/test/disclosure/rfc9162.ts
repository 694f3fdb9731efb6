import { createHash } from 'node:crypto'

/**
 * RFC 9162, section 2.1, written down a second time and as the text has it: proofs go from the leaf up. What the package
 * computes otherwise is compared with it.
 */
export const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest()
const node = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Uint8Array.of(1), left, right)

/** MTH(D[n]), where the leaves are hashes already. */
export function mth(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0]!
  const k = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1)
  return node(mth(leaves.slice(0, k)), mth(leaves.slice(k)))
}

/** PATH(m, D[n]): section 2.1.3.1. */
export function path(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return []
  const k = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1)
  return m < k
    ? [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))]
}

/** Section 2.1.3.2: whether a proof leads from a leaf to the root. */
export function verifies(
  leafIndex: number,
  treeSize: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (leafIndex >= treeSize) return false
  let [fn, sn] = [leafIndex, treeSize - 1]
  let r = leaf
  for (const p of proof) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      r = node(p, r)
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2)
        sn = Math.floor(sn / 2)
      }
    } else {
      r = node(r, p)
    }
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  return sn === 0 && Buffer.from(r).equals(root)
}
