/** A part of a text that becomes another. */
export interface TextChange {
  readonly offset: number
  readonly length: number
  readonly text: string
}

/** A text after some changes. */
export interface ChangedText {
  readonly text: string
  /** Where what began at an offset of the text before begins now. */
  moved(offset: number): number
}

/** Makes changes that are apart from each other, in any order. */
export function changed(text: string, changes: readonly TextChange[]): ChangedText {
  const ordered = [...changes].sort((a, b) => a.offset - b.offset)
  const parts: string[] = []
  /** How far the text after each change moves. */
  const shifts: number[] = []
  let end = 0
  for (const change of ordered) {
    parts.push(text.slice(end, change.offset), change.text)
    end = change.offset + change.length
    shifts.push((shifts.at(-1) ?? 0) + change.text.length - change.length)
  }
  return {
    text: [...parts, text.slice(end)].join(''),
    moved: (offset) => offset + (shifts[countBefore(ordered, offset) - 1] ?? 0),
  }
}

/** How many changes begin before an offset. */
function countBefore(ordered: readonly TextChange[], offset: number): number {
  let low = 0
  let high = ordered.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ordered[middle]?.offset ?? 0) < offset) low = middle + 1
    else high = middle
  }
  return low
}
