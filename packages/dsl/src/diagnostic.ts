import type { Span } from './syntax/span.ts'

/** An error stops compilation; a warning is something the author probably did not mean. */
export type Severity = 'error' | 'warning'

/** Another place that explains a diagnostic: the first declaration, one hop of a path. */
export interface Related {
  readonly message: string
  readonly span: Span
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
}

/** Takes a diagnostic. Whoever finds a problem hands it over and goes on. */
export type Report = (diagnostic: Diagnostic) => void

/** Whether any of them is an error. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error')
}
