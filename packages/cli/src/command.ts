import type { Terminal } from './terminal.ts'

/** 0: done, the answer is yes; 1: the answer is no; 2: usage or environment. */
export type ExitCode = 0 | 1 | 2

/** One `mica` command: what it says of itself, and what it does. */
export interface Command {
  /** Usage, options and an example, as `--help` prints them. */
  readonly help: string
  /** Throws `UsageError` where the caller has to change something. */
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>
}

/** A command as the list of commands has it; its code is loaded when it is called. */
export interface CommandEntry {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  load(): Promise<Command>
}
