import type { Writable } from 'node:stream'
import pico from 'picocolors'

/** Colours, or functions that change nothing where there are none. */
export type Style = ReturnType<typeof pico.createColors>

type Stream = Writable & { readonly isTTY?: boolean }

const CLEAR_LINE = '\r\u001b[2K'

/**
 * Where a command writes: results to `out`, everything else to `err`. Colours and progress only where a person is
 * looking; `NO_COLOR` turns colours off there too.
 */
export class Terminal {
  /** Colours of standard output. */
  readonly style: Style
  /** Colours of standard error. */
  readonly errorStyle: Style
  readonly #stdout: Stream
  readonly #stderr: Stream
  #progressShown = false

  constructor(stdout: Stream, stderr: Stream, env: NodeJS.ProcessEnv = process.env) {
    this.#stdout = stdout
    this.#stderr = stderr
    const plain = (env['NO_COLOR'] ?? '') !== ''
    this.style = pico.createColors(!plain && stdout.isTTY === true)
    this.errorStyle = pico.createColors(!plain && stderr.isTTY === true)
  }

  /** Writes a line of the result. */
  out(line = ''): void {
    this.#clearProgress()
    this.#stdout.write(`${line}\n`)
  }

  /** Writes a line about the work: a diagnostic, a warning. */
  err(line = ''): void {
    this.#clearProgress()
    this.#stderr.write(`${line}\n`)
  }

  /** Writes why a command ends, and the next step. */
  error(message: string, help?: string): void {
    this.err(`${this.errorStyle.red('error')}: ${message}`)
    if (help !== undefined) this.err(`  help: ${help}`)
  }

  /** One line that the next one replaces. Nothing at all where nobody looks. */
  progress(line: string): void {
    if (this.#stderr.isTTY !== true) return
    this.#stderr.write(`${CLEAR_LINE}${line}`)
    this.#progressShown = true
  }

  #clearProgress(): void {
    if (!this.#progressShown) return
    this.#stderr.write(CLEAR_LINE)
    this.#progressShown = false
  }
}
