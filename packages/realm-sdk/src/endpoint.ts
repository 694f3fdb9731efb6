import type { Duplex, ReceiveOptions, SendOptions, StreamEnd } from './channel.ts'
import type { Codec } from './codec.ts'
import type { ChannelDeclaration } from './declaration.ts'
import type { ChannelEnd } from './ring/channel-end.ts'
import type { LaneReading } from './ring/lane-reader.ts'
import type { LaneWriter } from './ring/lane-writer.ts'
import type { Waits } from './wait.ts'

const rawBytes: Codec<Uint8Array> = { encode: (message) => message, decode: (bytes) => ({ value: bytes }) }

/** What the monitor carries between the ends of a channel, beside its memory. */
export interface ChannelSignals {
  /** Wakes those who may read, if the policy lets it. */
  notify(): void
  /** How many others hold the channel now; `undefined` where the policy does not let this Realm ask. */
  others(): number | undefined
  /** Leaves the channel, whatever comes of it. */
  giveUp(): void
}

/** Of a channel with the host, which is always there: nobody is told anything. */
const NO_SIGNALS: ChannelSignals = { notify: () => undefined, others: () => undefined, giveUp: () => undefined }

/** A wait asks this often, in vain, before it looks whether anybody else is there: each look is a call to the monitor. */
const ASKS_BETWEEN_LOOKS = 32

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
  /** Whether anybody else was ever there. */
  met: boolean
  /** Wakes those who wait for what was written. */
  readonly announce: () => void
  closed: boolean
  ended: StreamEnd | undefined
}

/**
 * An end of a channel as Realm code holds it: {@link ChannelEnd} with waiting and a codec.
 *
 * It can always do both; the types generated from the policy take away what the policy does not allow, and stage 2 does
 * so for code that goes around the types.
 */
class Endpoint<T> implements Duplex<string, string, T> {
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

  async *receive({ onLost, onMalformed, timeoutMs }: ReceiveOptions = {}): AsyncIterableIterator<T> {
    const shared = this.#shared
    const { end, waits } = shared
    const wait = { timeoutMs, timed: end.backPressure === 'credit' }
    if (shared.ended === 'left') shared.ended = undefined
    let reported = end.lost
    while (shared.ended === undefined) {
      const hasLeft = departure(shared)
      const reading = await waits.until(() => arrived(end.poll()) ?? (hasLeft() ? lastOf(end) : undefined), wait)
      if (end.lost > reported) onLost?.(end.lost - reported)
      reported = end.lost
      if (reading.kind !== 'message') {
        shared.ended = reading.kind === 'left' ? 'left' : reading.failed ? 'failed' : 'closed'
        return
      }
      shared.met = true
      const decoded = this.#codec.decode(reading.bytes)
      if (decoded === undefined) onMalformed?.(reading.bytes)
      else yield decoded.value
    }
  }

  async send(message: T, { timeoutMs }: SendOptions = {}): Promise<void> {
    if (this.#shared.closed) throw new Error(`channel ${this.name} is closed`)
    const bytes = this.#codec.encode(message)
    await enqueue(this.#shared, (writer) => writer.begin(bytes), timeoutMs)
  }

  close(): Promise<void> {
    return closeEnd(this.#shared, false)
  }
}

const LEFT = { kind: 'left' } as const

function arrived(reading: LaneReading): Exclude<LaneReading, { kind: 'nothing' }> | undefined {
  return reading.kind === 'nothing' ? undefined : reading
}

/** What is still there of somebody who has gone: it may have come after the last look. */
const lastOf = (end: ChannelEnd): Exclude<LaneReading, { kind: 'nothing' }> | typeof LEFT => arrived(end.poll()) ?? LEFT

/** Whether everybody else has gone, to be asked again and again: it looks now and then. Who never was there has not left. */
function departure(shared: Shared): () => boolean {
  let asks = 0
  return () => {
    asks++
    if (asks % ASKS_BETWEEN_LOOKS !== 0) return false
    const others = shared.signals.others()
    if (others === undefined) return false
    if (others > 0) shared.met = true
    return others === 0 && shared.met
  }
}

function enqueue(shared: Shared, begin: (writer: LaneWriter) => void, timeoutMs?: number): Promise<void> {
  const write = async (): Promise<void> => {
    const { writer } = shared.end
    if (writer === undefined) throw new TypeError(`channel ${shared.declaration.name} may not be written`)
    begin(writer)
    try {
      await writeOut(shared, writer, timeoutMs)
    } finally {
      // What could not be written is lost, and does not keep later messages from trying.
      writer.abandon()
    }
  }
  const written = shared.sent.then(write, write)
  shared.sent = written
  return written
}

function closeEnd(shared: Shared, failed: boolean): Promise<void> {
  if (shared.closed || shared.end.writer === undefined) return shared.sent
  shared.closed = true
  return enqueue(shared, (writer) => writer.beginEnd(failed))
}

/**
 * Writes what was begun. With back pressure it waits for room. Without, it rests after each half of the ring: nothing
 * tells whether the reader keeps up, but it gets the chance.
 *
 * @throws Error when there is no room and nobody who could make some; a time-out, or a fault.
 */
async function writeOut(shared: Shared, writer: LaneWriter, timeoutMs: number | undefined): Promise<void> {
  const { end, waits, announce } = shared
  if (end.backPressure !== undefined) {
    const hasLeft = departure(shared)
    const write = (): true | undefined => {
      if (writer.advance() > 0) waits.soon(announce)
      if (writer.wasRead) shared.met = true
      if (!writer.idle && hasLeft()) throw new Error(`everybody else has left channel ${shared.declaration.name}`)
      return writer.idle || undefined
    }
    await waits.until(write, { timeoutMs, timed: end.backPressure === 'credit' })
    return
  }
  for (;;) {
    shared.burst += writer.advance(writer.burst - shared.burst)
    waits.soon(announce)
    if (writer.idle) return
    await waits.rest()
    shared.burst = 0
  }
}

/** One end as the boot code holds it. */
export interface OpenedEnd {
  readonly channel: Duplex
  /** Ends the stream in the name of the program: `failed` when it broke off. Does nothing if it is closed already. */
  finish(failed: boolean): Promise<void>
  /** Leaves the channel if its writer waits for this end to read, now that it never will. */
  giveUp(): void
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
  const shared: Shared = {
    declaration,
    end,
    waits,
    signals,
    sent: Promise.resolve(),
    burst: 0,
    met: false,
    announce: () => signals.notify(),
    closed: false,
    ended: undefined,
  }
  return {
    channel: new Endpoint(shared, rawBytes),
    finish: (failed) => closeEnd(shared, failed),
    giveUp: () => {
      if (end.backPressure !== undefined) signals.giveUp()
    },
  }
}
