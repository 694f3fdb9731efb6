import { closeSync, openSync, writeSync } from 'node:fs'
import type { MachineEvent } from '@mica/plugins'
import { reasonOf } from '../files.ts'
import { UsageError } from '../usage-error.ts'

/** Characters that are gathered before they are written. */
const BUFFERED = 2 ** 18

/** A trace on disk: one event a line, JSON. It holds whole lines, and as far as it goes it is true. */
export class TraceFile {
  readonly #file: string
  readonly #descriptor: number
  #lines: string[] = []
  #gathered = 0

  /** Opens a trace. Throws {@link UsageError} when it cannot be written. */
  constructor(file: string) {
    this.#file = file
    this.#descriptor = this.#attempt(() => openSync(file, 'w'))
  }

  /** Adds an event. Throws {@link UsageError} when the trace cannot be written any more. */
  write(event: MachineEvent): void {
    const line = JSON.stringify(event)
    this.#lines.push(line)
    this.#gathered += line.length
    if (this.#gathered >= BUFFERED) this.#flush()
  }

  /** Writes what is left, and ends the trace. */
  close(): void {
    try {
      this.#flush()
    } finally {
      closeSync(this.#descriptor)
    }
  }

  #flush(): void {
    const lines = this.#lines
    this.#lines = []
    this.#gathered = 0
    if (lines.length === 0) return
    const bytes = new TextEncoder().encode(`${lines.join('\n')}\n`)
    this.#attempt(() => {
      // A pipe takes as much as fits into it.
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done)
    })
  }

  #attempt<T>(access: () => T): T {
    try {
      return access()
    } catch (error) {
      throw new UsageError(`cannot write ${this.#file}: ${reasonOf(error)}`)
    }
  }
}
