import { leftSize, nodeHash, treeRoot } from './merkle.ts'

/**
 * What proves that some leaves are in a tree: the roots of the largest subtrees that hold none of them, from left to
 * right. Of a single leaf it is the inclusion proof of RFC 9162 (section 2.1.3.1), written from left to right instead
 * of from the leaf up.
 *
 * @param shown Indices of leaves, ascending.
 */
export function hiddenSubtrees(leaves: readonly Uint8Array[], shown: readonly number[]): readonly Uint8Array[] {
  if (shown.length === 0) return [treeRoot(leaves)]
  if (leaves.length === 1) return []
  const left = leftSize(leaves.length)
  return [
    ...hiddenSubtrees(leaves.slice(0, left), below(shown, left)),
    ...hiddenSubtrees(leaves.slice(left), from(shown, left)),
  ]
}

/** A leaf that is shown: its index in the tree, and its hash. */
export interface ShownLeaf {
  readonly index: number
  readonly hash: Uint8Array
}

/**
 * The root of the tree of `size` leaves that has these leaves, and beside them these subtrees: the way back from
 * {@link hiddenSubtrees}. Never throws.
 *
 * @param shown By index, ascending.
 * @returns `undefined` if an index is not below `size`, or if there are fewer subtrees than needed, or more.
 */
export function rootOfShown(
  size: number,
  shown: readonly ShownLeaf[],
  hidden: readonly Uint8Array[],
): Uint8Array | undefined {
  let used = 0
  const walk = (start: number, count: number, within: readonly ShownLeaf[]): Uint8Array | undefined => {
    const [first] = within
    if (first === undefined) return hidden[used++]
    if (count === 1) return within.length === 1 && first.index === start ? first.hash : undefined
    const middle = start + leftSize(count)
    const left = walk(
      start,
      middle - start,
      within.filter(({ index }) => index < middle),
    )
    const right = walk(
      middle,
      start + count - middle,
      within.filter(({ index }) => index >= middle),
    )
    return left === undefined || right === undefined ? undefined : nodeHash(left, right)
  }
  const root = size < 1 ? undefined : walk(0, size, shown)
  return used === hidden.length ? root : undefined
}

function below(indices: readonly number[], limit: number): readonly number[] {
  return indices.filter((index) => index < limit)
}

/** The indices from `first` on, counted from there. */
function from(indices: readonly number[], first: number): readonly number[] {
  return indices.filter((index) => index >= first).map((index) => index - first)
}
