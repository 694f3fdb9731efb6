import { Duplex } from 'node:stream'
import type { PGlite } from '@electric-sql/pglite'

/**
 * A connection to an embedded database, for a client that expects a socket: what is written goes in, the answer comes
 * out, both in PostgreSQL's protocol. All messages of a statement go in together, which takes half as long as one by one.
 */
export class PgliteStream extends Duplex {
  readonly #pglite: PGlite

  constructor(pglite: PGlite) {
    super()
    this.#pglite = pglite
  }

  /** As a socket's: there is nowhere to connect to. */
  connect(): this {
    process.nextTick(() => this.emit('connect'))
    return this
  }

  /** As a socket's, without a meaning here; so are the next two. */
  setNoDelay(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  override _read(): void {}

  override _write(bytes: Uint8Array, _encoding: string, written: (error?: Error) => void): void {
    this.#send(bytes).then(() => written(), written)
  }

  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], written: (error?: Error) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', written)
  }

  async #send(bytes: Uint8Array): Promise<void> {
    const answer = await this.#pglite.execProtocolRaw(bytes)
    if (answer.length > 0) this.push(answer)
  }
}
