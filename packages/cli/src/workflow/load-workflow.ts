import { readFileSync } from 'node:fs'
import { check, type Diagnostic, renderDiagnostic } from '@mica/dsl'
import type { Workflow } from '@mica/policy'
import { type Terminal, UsageError } from '../terminal.ts'

/** A policy file, read and checked. */
export interface LoadedWorkflow {
  readonly file: string
  readonly source: string
  /** Absent when the file has errors. */
  readonly workflow: Workflow | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads and checks a policy file. Throws {@link UsageError} when it cannot be read. */
export function loadWorkflow(file: string): LoadedWorkflow {
  const source = readText(file, 'policy file')
  const { workflow, diagnostics } = check(source, { file })
  const failed = diagnostics.some(({ severity }) => severity === 'error')
  return { file, source, workflow: failed ? undefined : workflow, diagnostics }
}

/** Reads a text file that the caller named. Throws {@link UsageError} with one line of why not. */
export function readText(file: string, what: string): string {
  return new TextDecoder().decode(readBytes(file, what))
}

/** As {@link readText}, without decoding. */
export function readBytes(file: string, what: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file))
  } catch (error) {
    throw new UsageError(`cannot read the ${what} ${file}: ${reasonOf(error)}`)
  }
}

/** Prints every diagnostic with its source line. */
export function printDiagnostics(loaded: LoadedWorkflow, terminal: Terminal): void {
  for (const diagnostic of loaded.diagnostics) {
    terminal.err(renderDiagnostic(diagnostic, loaded.source, { color: terminal.errorStyle.isColorSupported }))
  }
}

/** Counts diagnostics in words: `2 errors, 1 warning`. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic['severity']): number =>
    diagnostics.filter((diagnostic) => diagnostic.severity === severity).length
  return `${plural(count('error'), 'error')}, ${plural(count('warning'), 'warning')}`
}

/** `1 frame`, `2 frames`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** What the system said of a failed file operation, in a few words. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  const words: Record<string, string> = {
    ENOENT: 'there is no such file',
    EISDIR: 'it is a directory',
    EACCES: 'permission denied',
    ENOTDIR: 'a part of its path is no directory',
  }
  return (code === undefined ? undefined : words[code]) ?? (error instanceof Error ? error.message : String(error))
}
