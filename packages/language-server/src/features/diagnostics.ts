import { type Diagnostic as Found, resolveImport, type Span } from '@mica/dsl'
import {
  type Diagnostic,
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  DiagnosticTag,
} from 'vscode-languageserver'
import type { Analysis } from '../analysis.ts'

/** What diagnostics are said to come from. */
const SOURCE = 'mica'

/** Codes of what could be left out without a change of meaning. */
const UNNECESSARY: ReadonlySet<string> = new Set(['MICA1902', 'MICA1908', 'MICA1909'])

/** How URIs of files are found. */
export type UriOf = (path: string) => string

/**
 * Everything that is wrong with a file, in its own text: what is wrong with a file that it imports stands at the `use`
 * or the `import` that brings it, with the place itself beside it.
 */
export function diagnosticsOf(analysis: Analysis, uriOf: UriOf): Diagnostic[] {
  return analysis.checked.diagnostics.map((found) => diagnosticOf(found, analysis, uriOf))
}

/** One problem, as editors show it. */
export function diagnosticOf(found: Found, analysis: Analysis, uriOf: UriOf): Diagnostic {
  const { code, severity, message, span, help, related } = found
  const elsewhere = span.file === analysis.path ? [] : [{ message: 'the place itself', span }]
  return {
    range: analysis.placesOf(analysis.path).range(placeOf(span, analysis)),
    severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code,
    source: SOURCE,
    message: help === undefined ? message : `${message}\nhelp: ${help}`,
    relatedInformation: [...elsewhere, ...related].map((other): DiagnosticRelatedInformation => {
      const { file } = other.span
      return {
        message: other.message,
        location: { uri: uriOf(file), range: analysis.placesOf(file).range(other.span) },
      }
    }),
    ...(UNNECESSARY.has(code) ? { tags: [DiagnosticTag.Unnecessary] } : {}),
  }
}

/** Where a place comes into the file of an analysis. */
function placeOf(span: Span, analysis: Analysis): Pick<Span, 'offset' | 'length'> {
  for (let at: Span | undefined = span; at !== undefined; at = at.use) if (at.file === analysis.path) return at
  const bringing = analysis.parsed.file.items.find((item) => {
    return item.kind === 'import' && importsOf(item.path.text, analysis).has(span.file)
  })
  return bringing?.span ?? { offset: 0, length: 0 }
}

/** The files that an import of the file brings. */
function importsOf(path: string, analysis: Analysis): ReadonlySet<string> {
  const { root, checked } = analysis
  const first = resolveImport(path, analysis.path, root)
  const brought = new Set(first === undefined ? [] : [first])
  for (const file of brought) {
    for (const item of checked.parsed.get(file)?.file.items ?? []) {
      const next = item.kind === 'import' ? resolveImport(item.path.text, file, root) : undefined
      if (next !== undefined) brought.add(next)
    }
  }
  return brought
}
