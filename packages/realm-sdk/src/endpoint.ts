import type { Credited, Crediting, Duplex, ReceiveOptions, StreamEnd } from './channel.ts'
import type { Codec } from './codec.ts'
import type { ChannelDeclaration } from './declaration.ts'
import type { ChannelEnd } from './ring/channel-end.ts'
import type { LaneReading } from './ring/lane-reader.ts'
import type { Waits } from './wait.ts'

const rawBytes: Codec<Uint8Array> = { encode: (message) => message, decode: (bytes) => ({ value: bytes }) }

/** What the monitor carries between the ends of a channel, beside its memory. */
export interface ChannelSignals {
  notify(): void
  credit(): boolean
  credits(): number
}

/** Of a channel with the host: nobody is told anything. */
const NO_SIGNALS: ChannelSignals = { notify: () => undefined, credit: () => false, credits: () => 0 }

/** What the views of one end share, whatever their codec. */
interface Shared {
  readonly declaration: ChannelDeclaration
  readonly end: ChannelEnd
  readonly waits: Waits
  readonly signals: ChannelSignals
  /** Settles when everything sent so far is written. */
  sent: Promise<void>
  /** Slots written since this PE last rested. */
  burst: number
  closed: boolean
  ended: StreamEnd | undefined
}

/**
 * An end of a channel as Realm code holds it: {@link ChannelEnd} with waiting and a codec.
 *
 * It can always do both; the types generated from the policy take away what the policy does not allow, and stage 2 does
 * so for code that goes around the types.
 */
class Endpoint<T> implements Duplex<string, string, T>, Crediting, Credited {
  readonly #shared: Shared
  readonly #codec: Codec<T>

  constructor(shared: Shared, codec: Codec<T>) {
    this.#shared = shared
    this.#codec = codec
  }

  get name(): string {
    return this.#shared.declaration.name
  }

  get otherEnd(): string {
    return this.#shared.declaration.ends.join(', ')
  }

  get lost(): number {
    return this.#shared.end.lost
  }

  get ended(): StreamEnd | undefined {
    return this.#shared.ended
  }

  as<U>(codec: Codec<U>): Duplex<string, string, U> {
    return new Endpoint(this.#shared, codec)
  }

  async *receive(options: ReceiveOptions = {}): AsyncIterableIterator<T> {
    const { end, waits } = this.#shared
    let reported = end.lost
    while (this.#shared.ended === undefined) {
      const reading = await waits.until(() => arrived(end.poll()))
      if (end.lost > reported) options.onLost?.(end.lost - reported)
      reported = end.lost
      if (reading.kind === 'end') {
        this.#shared.ended = reading.failed ? 'failed' : 'closed'
        return
      }
      const decoded = this.#codec.decode(reading.bytes)
      if (decoded === undefined) options.onMalformed?.(reading.bytes)
      else yield decoded.value
    }
  }

  async send(message: T): Promise<void> {
    if (this.#shared.closed) throw new Error(`channel ${this.name} is closed`)
    const bytes = this.#codec.encode(message)
    await enqueue(this.#shared, () => this.#shared.end.writer?.begin(bytes))
  }

  notify(): void {
    this.#shared.signals.notify()
  }

  credit(): boolean {
    return this.#shared.signals.credit()
  }

  get credits(): number {
    return this.#shared.signals.credits()
  }

  close(): Promise<void> {
    return closeEnd(this.#shared, false)
  }
}

function arrived(reading: LaneReading): Exclude<LaneReading, { kind: 'nothing' }> | undefined {
  return reading.kind === 'nothing' ? undefined : reading
}

function enqueue(shared: Shared, begin: () => void): Promise<void> {
  const write = async (): Promise<void> => {
    begin()
    await writeOut(shared)
  }
  // A write that failed (the memory was taken away) does not keep later ones from trying.
  const written = shared.sent.then(write, write)
  shared.sent = written
  return written
}

function closeEnd(shared: Shared, failed: boolean): Promise<void> {
  if (shared.closed || shared.end.writer === undefined) return shared.sent
  shared.closed = true
  return enqueue(shared, () => shared.end.writer?.beginEnd(failed))
}

/**
 * Writes what was begun. With back pressure it waits for room. Without, it rests after each half of the ring: nothing
 * tells whether the reader keeps up, but it gets the chance.
 */
async function writeOut(shared: Shared): Promise<void> {
  const writer = shared.end.writer
  if (writer === undefined) throw new TypeError(`channel ${shared.declaration.name} may not be written`)
  if (shared.end.backPressure) {
    await shared.waits.until(() => {
      writer.advance()
      return writer.idle || undefined
    })
    return
  }
  for (;;) {
    shared.burst += writer.advance(writer.burst - shared.burst)
    if (writer.idle) return
    await shared.waits.rest()
    shared.burst = 0
  }
}

/** One end as the boot code holds it. */
export interface OpenedEnd {
  readonly channel: Duplex
  /** Ends the stream in the name of the program: `failed` when it broke off. Does nothing if it is closed already. */
  finish(failed: boolean): Promise<void>
}

/**
 * Makes the end of a channel that Realm code gets.
 *
 * @param signals What the monitor offers for it; nothing for a channel with the host.
 */
export function openEnd(
  declaration: ChannelDeclaration,
  end: ChannelEnd,
  waits: Waits,
  signals: ChannelSignals = NO_SIGNALS,
): OpenedEnd {
  const sent = Promise.resolve()
  const shared: Shared = { declaration, end, waits, signals, sent, burst: 0, closed: false, ended: undefined }
  return { channel: new Endpoint(shared, rawBytes), finish: (failed) => closeEnd(shared, failed) }
}
