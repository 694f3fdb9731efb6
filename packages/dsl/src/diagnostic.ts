import type { Span } from './syntax/span.ts'

/** An error stops compilation; a warning is something the author probably did not mean. */
export type Severity = 'error' | 'warning'

/** Another place that explains a diagnostic: the first declaration, one hop of a path. */
export interface Related {
  readonly message: string
  readonly span: Span
}

/** A change of a text that repairs a problem without thought; the author may still have meant something else. */
export interface Fix {
  /** What it does: `replace \`encodr\` with \`encoder\``. */
  readonly title: string
  /** In one file, apart from each other. An empty text removes; an empty place inserts. */
  readonly edits: readonly { readonly span: Span; readonly text: string }[]
}

/** One problem of a policy file, as data. Nothing about a text is ever thrown. */
export interface Diagnostic {
  /** `MICA1` and three digits; stable, one per kind of problem. */
  readonly code: string
  readonly severity: Severity
  /** One line: lower-case, no period, what the author wrote in backticks. */
  readonly message: string
  readonly span: Span
  /** The remedy. */
  readonly help?: string | undefined
  /** In the order in which they are to be read. */
  readonly related: readonly Related[]
  readonly fix?: Fix | undefined
}

/** Takes a diagnostic. Whoever finds a problem hands it over and goes on. */
export type Report = (diagnostic: Diagnostic) => void

/** Whether any of them is an error. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error')
}
