import { closeSync, openSync, writeSync } from 'node:fs'
import type { MachineEvent } from '@mica/plugins'
import { UsageError } from '../terminal.ts'
import { reasonOf } from '../workflow/load-workflow.ts'

/** Bytes that are gathered before they are written. */
const BUFFERED = 2 ** 18

/** A trace on disk: one event a line, JSON. Without a file name nothing is kept. */
export class TraceFile {
  readonly #descriptor: number | undefined
  #lines: string[] = []
  #gathered = 0

  private constructor(descriptor: number | undefined) {
    this.#descriptor = descriptor
  }

  /** Opens a trace. Throws {@link UsageError} when it cannot be written. */
  static open(file: string | undefined): TraceFile {
    if (file === undefined) return new TraceFile(undefined)
    try {
      return new TraceFile(openSync(file, 'w'))
    } catch (error) {
      throw new UsageError(`cannot write ${file}: ${reasonOf(error)}`)
    }
  }

  write(event: MachineEvent): void {
    if (this.#descriptor === undefined) return
    const line = JSON.stringify(event)
    this.#lines.push(line)
    this.#gathered += line.length
    if (this.#gathered >= BUFFERED) this.#flush(this.#descriptor)
  }

  close(): void {
    if (this.#descriptor === undefined) return
    this.#flush(this.#descriptor)
    closeSync(this.#descriptor)
  }

  #flush(descriptor: number): void {
    if (this.#lines.length > 0) writeSync(descriptor, `${this.#lines.join('\n')}\n`)
    this.#lines = []
    this.#gathered = 0
  }
}
