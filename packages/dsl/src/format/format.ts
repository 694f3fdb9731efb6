import type { Diagnostic } from '../diagnostic.ts'
import { hasErrors } from '../diagnostic.ts'
import { parse } from '../syntax/parse.ts'
import { render } from './lines.ts'
import { piecesOf } from './pieces.ts'
import { layOut } from './walk.ts'

/** A text in canonical layout, or as it was with what is wrong with it. */
export interface Formatted {
  readonly text: string
  /** What cannot be read; where there is an error, `text` is what was given. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Gives a policy file its canonical layout: one item a line, the parts of neighbours below each other, no more than one
 * empty line in a row, comments where they were. The meaning and every token stay, and a second time changes nothing.
 *
 * @param input The text, or its bytes if it may not be UTF-8. Nothing about it is ever thrown.
 */
export function format(input: string | Uint8Array, options: { readonly file: string }): Formatted {
  const parsed = parse(input, options)
  if (hasErrors(parsed.diagnostics)) return { text: parsed.source.text, diagnostics: parsed.diagnostics }
  return { text: render(layOut(piecesOf(parsed))), diagnostics: parsed.diagnostics }
}
