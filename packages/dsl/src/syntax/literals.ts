/** Values that a token spells. Each reader returns `undefined` for text that spells none. */

/** Reads a decimal or `0x` number with `_` between digits; `'huge'` when it is above 2^53 and so not exact. */
export function readNumber(text: string): number | 'huge' | undefined {
  const digits = text.replaceAll('_', '')
  if (!/^(?:0x[0-9A-Fa-f]+|[0-9]+)$/.test(digits)) return undefined
  // `Number` of a very long text is quick, and infinite rather than wrong.
  const value = Number(digits)
  return Number.isSafeInteger(value) ? value : 'huge'
}

/** Reads hexadecimal digits, two a byte. */
export function readHex(digits: string): Uint8Array | undefined {
  if (digits.length % 2 !== 0 || !/^[0-9A-Fa-f]*$/.test(digits)) return undefined
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  )
}

/** Reads a quoted string whose only escapes are `\"` and `\\`. */
export function readString(text: string): string | undefined {
  const inside = text.slice(1, -1)
  if (/\\[^"\\]/.test(inside.replaceAll('\\\\', ''))) return undefined
  return inside.replace(/\\(["\\])/g, '$1')
}

/** The closest of `known` to what was written, if it is close enough to have been meant. */
export function nearest(written: string, known: Iterable<string>): string | undefined {
  // A distance is quadratic in length, and no name is longer than this.
  if (written.length > 64) return undefined
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(written.length / 3)) + 1
  for (const candidate of known) {
    if (Math.abs(candidate.length - written.length) >= bestDistance) continue
    const distance = editDistance(written.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance && distance < Math.max(candidate.length, 2)) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      )
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) cost = Math.min(cost, (beforePrevious[column - 2] ?? 0) + 1)
      current.push(cost)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.length] ?? 0
}
