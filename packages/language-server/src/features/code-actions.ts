import type { Diagnostic as Found } from '@mica/dsl'
import { type CodeAction, CodeActionKind, type Range, type TextEdit } from 'vscode-languageserver'
import type { Analysis } from '../analysis.ts'
import { diagnosticOf, type UriOf } from './diagnostics.ts'

/** For every problem in a range that can be repaired without thought: the change that does. */
export function codeActions(analysis: Analysis, range: Range, uriOf: UriOf): CodeAction[] {
  return analysis.checked.diagnostics.flatMap((found) => {
    const { fix } = found
    if (fix === undefined) return []
    const diagnostic = diagnosticOf(found, analysis, uriOf)
    if (!touch(diagnostic.range, range)) return []
    return [
      {
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [diagnostic],
        isPreferred: true,
        edit: { changes: changesOf(fix, analysis, uriOf) },
      },
    ]
  })
}

function changesOf(fix: NonNullable<Found['fix']>, analysis: Analysis, uriOf: UriOf): Record<string, TextEdit[]> {
  const changes: Record<string, TextEdit[]> = {}
  for (const { span, text } of fix.edits) {
    const edit = { range: analysis.placesOf(span.file).range(span), newText: text }
    const uri = uriOf(span.file)
    changes[uri] = [...(changes[uri] ?? []), edit]
  }
  return changes
}

function touch(a: Range, b: Range): boolean {
  const isBefore = (x: Range, y: Range): boolean =>
    x.end.line < y.start.line || (x.end.line === y.start.line && x.end.character < y.start.character)
  return !isBefore(a, b) && !isBefore(b, a)
}
