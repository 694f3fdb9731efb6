import { type Checked, check, type Diagnostic, type PolicyView, positionOf, renderDiagnostic } from '@mica/dsl'
import { pagePath } from '@mica/dsl/pages'
import { projectOf } from '@mica/dsl/project'
import type { Workflow } from '@mica/policy'
import { readBytes } from '../files.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { plural } from '../words.ts'

/** A policy file, read and checked. */
export interface LoadedWorkflow {
  readonly file: string
  /** As read: whether it is UTF-8 at all is part of the check. */
  readonly source: Uint8Array
  /** Absent when the file has errors, or no workflow. */
  readonly workflow: Workflow | undefined
  /** The policies of a file that has no workflow. */
  readonly views: readonly PolicyView[]
  /** Both, also where assertions do not hold and nothing else is wrong. */
  readonly stated: Checked['stated']
  readonly diagnostics: readonly Diagnostic[]
  /** The texts that diagnostics are about: the file, and what it imports. */
  readonly sources: ReadonlyMap<string, string>
}

/** A policy file with a workflow, without errors. */
export interface CheckedWorkflow extends LoadedWorkflow {
  readonly workflow: Workflow
}

/** Reads and checks a policy file. Throws `UsageError` when it cannot be read. */
export function loadWorkflow(file: string): LoadedWorkflow {
  const source = readBytes(file, 'policy file')
  return { file, source, ...loadedOf(check(source, { file, ...projectOf(file) })) }
}

/** What of a check a command goes on with. */
export function loadedOf({
  workflow,
  views,
  stated,
  diagnostics,
  sources,
}: Checked): Omit<LoadedWorkflow, 'file' | 'source'> {
  return { workflow, views, stated, diagnostics, sources }
}

/** What a command does with the diagnostics of a policy that it goes on to use. */
export interface PolicyReading {
  /** What is not done because of errors, for the last line: `nothing written`. */
  readonly otherwise: string
  /** Whether errors are also wanted as JSON on standard output. */
  readonly json: boolean
}

/**
 * Reads a workflow that a command cannot do without, and prints its diagnostics. Throws `UsageError` when it cannot be
 * read, or has no workflow.
 *
 * @returns `undefined` when it has errors: the answer is no, and everything has been said.
 */
export function readPolicy(file: string, terminal: Terminal, reading: PolicyReading): CheckedWorkflow | undefined {
  const loaded = readPolicyFile(file, terminal, reading)
  if (loaded === undefined) return undefined
  const { workflow } = loaded
  if (workflow === undefined) throw new UsageError(`${file} has no workflow`)
  return Object.assign(loaded, { workflow })
}

/** As {@link readPolicy}, for a file of whatever kind. */
export function readPolicyFile(file: string, terminal: Terminal, reading: PolicyReading): LoadedWorkflow | undefined {
  const loaded = loadWorkflow(file)
  printDiagnostics(loaded, terminal)
  if (!loaded.diagnostics.some(({ severity }) => severity === 'error')) return loaded
  terminal.err(`${file}: ${countDiagnostics(loaded.diagnostics)}, ${reading.otherwise}`)
  if (reading.json) terminal.out(JSON.stringify(diagnosticsJson(loaded)))
  return undefined
}

/** As {@link readPolicyFile}, going on with what a file says where its only errors are assertions that do not hold. */
export function readStatedFile(file: string, terminal: Terminal, reading: PolicyReading): LoadedWorkflow | undefined {
  const loaded = loadWorkflow(file)
  if (!isStated(loaded)) return readPolicyFile(file, terminal, reading)
  printDiagnostics(loaded, terminal)
  return { ...loaded, ...loaded.stated }
}

/** Whether a file means something, whatever it asserts. */
export function isStated({ stated }: Pick<LoadedWorkflow, 'stated'>): boolean {
  return stated.workflow !== undefined || stated.views.length > 0
}

/** Prints every diagnostic with its place and source line, and how to learn more about them. */
export function printDiagnostics(
  { diagnostics, sources }: Pick<LoadedWorkflow, 'diagnostics' | 'sources'>,
  terminal: Terminal,
): void {
  const color = terminal.errorStyle.isColorSupported
  for (const diagnostic of diagnostics) terminal.err(renderDiagnostic(diagnostic, sources, { color }))
  const codes = [...new Set(diagnostics.map((diagnostic) => diagnostic.code))]
  if (codes.length > 0) terminal.err(`more about ${codes.slice(0, 5).join(', ')}: mica explain ${codes[0]}`)
}

/** The diagnostics of a policy file as JSON; lines and columns count from 1. */
export function diagnosticsJson(loaded: Pick<LoadedWorkflow, 'file' | 'diagnostics'>): object {
  return { file: loaded.file, diagnostics: loaded.diagnostics.map(diagnosticJson) }
}

/** One diagnostic as JSON. */
export function diagnosticJson({ code, severity, message, span, help, related, fix }: Diagnostic): object {
  const place = { file: span.file, line: span.line, column: span.column }
  return {
    code,
    severity,
    message,
    ...place,
    docs: pagePath(code),
    ...(help === undefined ? {} : { help }),
    ...(related.length === 0
      ? {}
      : { related: related.map((other) => ({ message: other.message, place: positionOf(other.span) })) }),
    ...(fix === undefined
      ? {}
      : {
          fix: {
            title: fix.title,
            edits: fix.edits.map((edit) => ({ offset: edit.span.offset, length: edit.span.length, text: edit.text })),
          },
        }),
  }
}

/** Counts diagnostics in words: `2 errors, 1 warning`. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  return `${plural(errors, 'error')}, ${plural(diagnostics.length - errors, 'warning')}`
}
