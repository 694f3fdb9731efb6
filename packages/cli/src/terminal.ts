import type { Writable } from 'node:stream'
import pico from 'picocolors'

/** 0: done, the answer is yes; 1: the answer is no; 2: usage or environment. */
export type ExitCode = 0 | 1 | 2

/** Something the person who called must change: arguments, files, the environment. Ends the command with code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** What to do next, if there is more to say than the cause. */
  readonly help: string | undefined

  constructor(message: string, help?: string) {
    super(message)
    this.help = help
  }
}

export type Style = ReturnType<typeof pico.createColors>

/** Where a command writes: results to `out`, everything else to `err`, progress only where a person is looking. */
export class Terminal {
  readonly style: Style
  readonly errorStyle: Style
  readonly #stdout: Writable & { readonly isTTY?: boolean }
  readonly #stderr: Writable & { readonly isTTY?: boolean }
  #progressShown = false

  constructor(
    stdout: Writable & { readonly isTTY?: boolean },
    stderr: Writable & { readonly isTTY?: boolean },
    env: NodeJS.ProcessEnv = process.env,
  ) {
    this.#stdout = stdout
    this.#stderr = stderr
    const plain = (env['NO_COLOR'] ?? '') !== ''
    this.style = pico.createColors(!plain && stdout.isTTY === true)
    this.errorStyle = pico.createColors(!plain && stderr.isTTY === true)
  }

  out(line = ''): void {
    this.#clearProgress()
    this.#stdout.write(`${line}\n`)
  }

  err(line = ''): void {
    this.#clearProgress()
    this.#stderr.write(`${line}\n`)
  }

  /** One line that the next one replaces. Nothing at all where nobody looks. */
  progress(line: string): void {
    if (this.#stderr.isTTY !== true) return
    this.#stderr.write(`\r\u001b[2K${line}`)
    this.#progressShown = true
  }

  #clearProgress(): void {
    if (!this.#progressShown) return
    this.#stderr.write('\r\u001b[2K')
    this.#progressShown = false
  }
}
