import { format } from '@mica/dsl'
import type { TextEdit } from 'vscode-languageserver'
import type { Analysis } from '../analysis.ts'

/** The change that gives a file its canonical layout; none for a file that cannot be read, which has no other. */
export function formattingEdits(analysis: Analysis): TextEdit[] {
  const { text, path } = analysis
  const formatted = format(text, { file: path })
  if (formatted.text === text) return []
  const [before, after] = [text, formatted.text]
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let kept = 0
  while (kept < shorter - start && before.at(-1 - kept) === after.at(-1 - kept)) kept++
  const range = analysis.placesOf(path).range({ offset: start, length: before.length - kept - start })
  return [{ range, newText: after.slice(start, after.length - kept) }]
}
