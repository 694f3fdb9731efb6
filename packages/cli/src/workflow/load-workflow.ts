import { check, type Diagnostic, renderDiagnostic } from '@mica/dsl'
import type { Workflow } from '@mica/policy'
import { readBytes } from '../files.ts'
import type { Terminal } from '../terminal.ts'
import { plural } from '../words.ts'

/** A policy file, read and checked. */
export interface LoadedWorkflow {
  readonly file: string
  /** As read: whether it is UTF-8 at all is part of the check. */
  readonly source: Uint8Array
  /** Absent when the file has errors. */
  readonly workflow: Workflow | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** A policy file without errors. */
export interface CheckedWorkflow extends LoadedWorkflow {
  readonly workflow: Workflow
}

/** Reads and checks a policy file. Throws `UsageError` when it cannot be read. */
export function loadWorkflow(file: string): LoadedWorkflow {
  const source = readBytes(file, 'policy file')
  const { workflow, diagnostics } = check(source, { file })
  return { file, source, workflow, diagnostics }
}

/** What a command does with the diagnostics of a policy that it goes on to use. */
export interface PolicyReading {
  /** What is not done because of errors, for the last line: `nothing written`. */
  readonly otherwise: string
  /** Whether errors are also wanted as JSON on standard output. */
  readonly json: boolean
}

/**
 * Reads a policy that a command cannot do without, and prints its diagnostics. Throws `UsageError` when it cannot be read.
 *
 * @returns `undefined` when it has errors: the answer is no, and everything has been said.
 */
export function readPolicy(file: string, terminal: Terminal, reading: PolicyReading): CheckedWorkflow | undefined {
  const loaded = loadWorkflow(file)
  printDiagnostics(loaded, terminal)
  const { workflow } = loaded
  if (workflow !== undefined) return { ...loaded, workflow }
  terminal.err(`${file}: ${countDiagnostics(loaded.diagnostics)}, ${reading.otherwise}`)
  if (reading.json) terminal.out(JSON.stringify(diagnosticsJson(loaded)))
  return undefined
}

/** Prints every diagnostic with its place and source line. */
export function printDiagnostics(loaded: LoadedWorkflow, terminal: Terminal): void {
  const text = new TextDecoder().decode(loaded.source)
  const color = terminal.errorStyle.isColorSupported
  for (const diagnostic of loaded.diagnostics) terminal.err(renderDiagnostic(diagnostic, text, { color }))
}

/** The diagnostics of a policy file as JSON; lines and columns count from 1. */
export function diagnosticsJson(loaded: LoadedWorkflow): object {
  const diagnostics = loaded.diagnostics.map(({ code, severity, message, span, help }) => {
    return { code, severity, message, line: span.line, column: span.column, ...(help === undefined ? {} : { help }) }
  })
  return { file: loaded.file, diagnostics }
}

/** Counts diagnostics in words: `2 errors, 1 warning`. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  return `${plural(errors, 'error')}, ${plural(diagnostics.length - errors, 'warning')}`
}
