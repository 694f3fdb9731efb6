/** A place in a source text. Lines and columns count from 1, columns and lengths in UTF-16 units, as editors do. */
export interface Span {
  readonly file: string
  readonly offset: number
  readonly length: number
  readonly line: number
  readonly column: number
  /** For what a pattern says: the `use` for which it was read. */
  readonly use?: Span | undefined
}

/** Whether the origin of an item is a place: in a workflow of this package it is, if the item was written. */
export function isSpan(origin: unknown): origin is Span {
  return typeof origin === 'object' && origin !== null && 'file' in origin && 'offset' in origin
}

/**
 * A source text that knows where its lines begin.
 *
 * Lines end with `\n`, `\r\n` or `\r`. Making a span costs one binary search, so spans are made for what was written
 * and not for every token.
 */
export class SourceText {
  readonly file: string
  readonly text: string
  readonly #lineStarts: readonly number[]

  constructor(file: string, text: string) {
    this.file = file
    this.text = text
    this.#lineStarts = lineStartsOf(text)
  }

  /** The place from `offset` up to `end`; both are clamped to the text, so that any token gives a place. */
  span(offset: number, end: number): Span {
    const start = Math.max(0, Math.min(offset, this.text.length))
    const line = this.#lineAt(start)
    return {
      file: this.file,
      offset: start,
      length: Math.max(0, Math.min(end, this.text.length) - start),
      line: line + 1,
      column: start - (this.#lineStarts[line] ?? 0) + 1,
    }
  }

  /** Index of the last line that starts at or before `offset`. */
  #lineAt(offset: number): number {
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** For what a pattern says: the `use` in a workflow or policy that it was read for, over all patterns between. */
export function writtenUse(span: Span): Span | undefined {
  let use = span.use
  while (use?.use !== undefined) use = use.use
  return use
}

/** The place that covers `first`, `last` and everything between them; both are in one file. */
export function spanOver(first: Span, last: Span): Span {
  return { ...first, length: Math.max(first.length, last.offset + last.length - first.offset) }
}

function lineStartsOf(text: string): number[] {
  const starts = [0]
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit === 10 || (unit === 13 && text.charCodeAt(index + 1) !== 10)) starts.push(index + 1)
  }
  return starts
}
