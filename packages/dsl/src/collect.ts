import type { Diagnostic, Report } from './diagnostic.ts'
import * as messages from './diagnostics.ts'
import type { SourceText, Span } from './syntax/span.ts'

/** Diagnostics that are kept; a file is not read better by listing more. */
const DIAGNOSTIC_LIMIT = 100

/** Collects what is found wrong, and puts it in order. */
export class Diagnostics {
  readonly #found = new Map<string, Diagnostic>()
  #errors = 0
  #violations = 0

  /** Takes a diagnostic; one about the same thing in the same place is taken once. */
  readonly report: Report = (diagnostic) =>
    this.take(diagnostic.span.use === undefined ? diagnostic : withUses(diagnostic))

  /** Takes a diagnostic that another collection has taken before. */
  take(diagnostic: Diagnostic): void {
    const { code, span, message } = diagnostic
    const place = `${code} ${span.offset} ${span.length} ${span.file}`
    // A pattern is checked by itself and where it is used; the two may call what is unknown differently.
    const key = code === UNKNOWN_NAME ? place : `${place} ${message}`
    if (this.#found.has(key)) return
    this.#found.set(key, diagnostic)
    if (diagnostic.severity === 'error') this.#errors++
    if (code === ASSERTION_VIOLATED) this.#violations++
  }

  get hasErrors(): boolean {
    return this.#errors > 0
  }

  /** Whether there is an error besides assertions that do not hold. */
  get isMeaningless(): boolean {
    return this.#errors > this.#violations
  }

  /** In the order of the files and, in a file, of the text. The file that everything is about comes first. */
  inOrder(sources: readonly SourceText[]): readonly Diagnostic[] {
    const rank = new Map(sources.map(({ file }, index) => [file, index]))
    const rankOf = ({ span }: Diagnostic): number => rank.get(span.file) ?? sources.length
    const sorted = [...this.#found.values()].sort((a, b) => rankOf(a) - rankOf(b) || a.span.offset - b.span.offset)
    const [main] = sources
    if (sorted.length <= DIAGNOSTIC_LIMIT || main === undefined) return sorted
    const end = main.span(main.text.length, main.text.length)
    return [...sorted.slice(0, DIAGNOSTIC_LIMIT), messages.tooManyProblems({ shown: DIAGNOSTIC_LIMIT }, end)]
  }
}

const UNKNOWN_NAME = 'MICA1201'
const ASSERTION_VIOLATED = 'MICA1701'

/** Says for which `use` a pattern was read. What repairs one use need not be right for another. */
function withUses({ fix: _, ...diagnostic }: Diagnostic): Diagnostic {
  const related = [...diagnostic.related]
  for (let use: Span | undefined = diagnostic.span.use; use !== undefined; use = use.use) {
    related.push({ message: 'the pattern is used here', span: use })
  }
  return { ...diagnostic, related }
}
