import type { IdRange } from './model.ts'

/** Sorts ranges and merges those that overlap or touch: the one form a blob may hold. */
export function normalizeRanges(ranges: readonly IdRange[]): readonly IdRange[] {
  const merged: [number, number][] = []
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const previous = merged.at(-1)
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last)
    else merged.push([first, last])
  }
  return merged
}

/** Whether ranges are sorted, disjoint, merged, not empty and inside `space`. */
export function isNormal(ranges: readonly IdRange[], space: IdRange): boolean {
  let next = space[0]
  for (const [first, last] of ranges) {
    if (first < next || last < first || last > space[1]) return false
    // A range that touches the one before belongs to it, so at least one id lies between two.
    next = last + 2
  }
  return ranges.length > 0
}

/** What `ranges` leave of `space`: the meaning of `*` beside other rules. `ranges` may overlap and be unsorted. */
export function complementRanges(ranges: readonly IdRange[], space: IdRange): readonly IdRange[] {
  const left: IdRange[] = []
  let next = space[0]
  for (const [first, last] of normalizeRanges(ranges)) {
    if (first > next) left.push([next, first - 1])
    next = Math.max(next, last + 1)
  }
  if (next <= space[1]) left.push([next, space[1]])
  return left
}

/** The first id that two lists of sorted, disjoint ranges have in common, or `undefined`. */
export function firstCommonId(a: readonly IdRange[], b: readonly IdRange[]): number | undefined {
  for (let i = 0, k = 0; i < a.length && k < b.length; ) {
    const [firstA, lastA] = a[i]!
    const [firstB, lastB] = b[k]!
    const common = Math.max(firstA, firstB)
    if (common <= Math.min(lastA, lastB)) return common
    if (lastA < lastB) i++
    else k++
  }
  return undefined
}

/** Whether two lists of ranges are the same, in the same order. */
export function sameRanges(a: readonly IdRange[], b: readonly IdRange[]): boolean {
  return a.length === b.length && a.every(([first, last], index) => first === b[index]![0] && last === b[index]![1])
}
