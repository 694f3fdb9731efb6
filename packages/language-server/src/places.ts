import type { SourceText, Span } from '@mica/dsl'
import type { Position, Range } from 'vscode-languageserver'

/** Converts between places of the compiler and those of editors. Both count UTF-16 units; editors count from 0. */
export class Places {
  readonly #source: SourceText

  constructor(source: SourceText) {
    this.#source = source
  }

  /** The range of a place in this text. */
  range({ offset, length }: Pick<Span, 'offset' | 'length'>): Range {
    return { start: this.position(offset), end: this.position(offset + length) }
  }

  /** A position; beyond the end, that of the end. */
  position(offset: number): Position {
    const { line, column } = this.#source.span(offset, offset)
    return { line: line - 1, character: column - 1 }
  }
}

/** Whether a place includes an offset, or ends there: the end of a word still belongs to it for whoever types. */
export function covers(span: Pick<Span, 'offset' | 'length'>, offset: number): boolean {
  return span.offset <= offset && offset <= span.offset + span.length
}
