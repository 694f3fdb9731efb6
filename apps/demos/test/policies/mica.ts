import { Writable } from 'node:stream'
import { main, Terminal } from '@mica/cli'

/** What a call of `mica` came to. */
export interface Called {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Calls a command of `mica` in this process, as if its output went into pipes. */
export async function mica(...argv: readonly string[]): Promise<Called> {
  const [out, err] = [new Kept(), new Kept()]
  const code = await main(argv, new Terminal(out, err, {}))
  return { code, out: out.text, err: err.text }
}

class Kept extends Writable {
  text = ''

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk)
    done()
  }
}
