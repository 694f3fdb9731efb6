/** A comment of the source, with the offset after its last character. */
export interface Comment {
  readonly offset: number
  readonly end: number
  /** As written, with its marks. */
  readonly text: string
  /** Whether it is a `///` that documents an item. */
  readonly doc: boolean
}

/**
 * The doc comments that stand directly before `offset`, oldest first, without their slashes.
 *
 * @param comments In the order of the text.
 */
export function docsBefore(comments: readonly Comment[], offset: number, text: string): readonly string[] {
  const docs: string[] = []
  let next = offset
  for (let index = lastBefore(comments, offset); index >= 0; index--) {
    const comment = comments[index]
    if (comment === undefined || text.slice(comment.end, next).trim() !== '') break
    if (comment.doc) docs.push(comment.text.slice('///'.length).trim())
    next = comment.offset
  }
  return docs.reverse()
}

function lastBefore(comments: readonly Comment[], offset: number): number {
  let low = 0
  let high = comments.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((comments[middle]?.end ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  return low - 1
}
