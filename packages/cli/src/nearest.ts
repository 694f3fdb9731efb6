/** Edits up to which a word is taken for a slip of the one that was meant. */
const MOST_EDITS = 2

/** The candidate that a mistyped word was probably meant to be; `undefined` when none is close. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  // A word that is mostly typed wrong is another word.
  let limit = Math.min(MOST_EDITS, Math.floor(word.length / 2)) + 1
  for (const candidate of candidates) {
    const edits = editDistance(word, candidate)
    if (edits < limit) [best, limit] = [candidate, edits]
  }
  return best
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      let edits = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1))
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (row > 1 && column > 1 && swapped) edits = Math.min(edits, beforeLast[column - 2]! + 1)
      current.push(edits)
    }
    ;[beforeLast, last] = [last, current]
  }
  return last[to.length]!
}
