import { Writable } from 'node:stream'
import { main } from '../../src/main.ts'
import { Terminal } from '../../src/terminal.ts'

/** A stream that keeps what is written to it. */
export class Kept extends Writable {
  text = ''
  readonly isTTY: boolean

  constructor(isTTY = false) {
    super({ decodeStrings: false })
    this.isTTY = isTTY
  }

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk)
    done()
  }
}

/** What a call of `mica` came to. */
export interface Called {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Calls `mica` in this process, as if its output went into pipes; or with `tty`, to a terminal. */
export async function mica(
  argv: readonly string[],
  options: { tty?: boolean; env?: NodeJS.ProcessEnv } = {},
): Promise<Called> {
  const [stdout, stderr] = [new Kept(options.tty), new Kept(options.tty)]
  const code = await main(argv, new Terminal(stdout, stderr, options.env ?? {}))
  return { code, out: stdout.text, err: stderr.text }
}
