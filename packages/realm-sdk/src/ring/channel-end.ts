import type { ChannelDeclaration } from '../declaration.ts'
import type { ChannelMemory } from '../memory.ts'
import { acknowledgementOffset, divideLanes } from './lane.ts'
import { LaneReader, type LaneReading } from './lane-reader.ts'
import { LaneWriter } from './lane-writer.ts'
import { acknowledgement, type Credit, credited } from './progress.ts'

/** Longest message a reader puts together when nothing else is said: 16 MiB. */
export const DEFAULT_MESSAGE_LIMIT: number = 16 * 2 ** 20

/** Options of {@link ChannelEnd}. */
export interface ChannelEndOptions {
  /** Longest message that is received, in bytes; a longer one counts as lost. */
  readonly messageLimit?: number | undefined
  /** What carries credit, where the channel is `paced`; without it such a channel overwrites like any other. */
  readonly credit?: Credit | undefined
}

/**
 * One end of a channel, without waiting: what the SDK polls inside a Realm, and what a program outside uses on the host's
 * end of an unprotected channel.
 */
export class ChannelEnd {
  /** Absent when this end may not write. */
  readonly writer: LaneWriter | undefined
  /**
   * How the other end says how far it has read, so that nothing is overwritten unread: in the memory, where both may
   * write; by credit, where the channel is paced. Absent: it cannot.
   */
  readonly backPressure: 'shared' | 'credit' | undefined
  readonly #readers: readonly LaneReader[]
  readonly #ends: (LaneReading | undefined)[]
  #turn = 0

  /**
   * @param declaration The channel, as either of its ends declares it.
   * @param self Who is at this end: a name that the declaration lists among its writers or readers.
   */
  constructor(
    memory: ChannelMemory,
    declaration: Pick<ChannelDeclaration, 'writers' | 'readers'> & Partial<Pick<ChannelDeclaration, 'paced'>>,
    self: string,
    options: ChannelEndOptions = {},
  ) {
    const { writers, readers } = declaration
    const lanes = divideLanes(memory.length, writers.length)
    const mine = writers.indexOf(self)
    const lane = lanes[mine]
    const { credit } = options
    this.backPressure = isDuplex(declaration) ? 'shared' : isOnePair(declaration) && credit ? 'credit' : undefined
    const progress = (owner: number, other: number) => {
      if (this.backPressure === 'shared') return acknowledgement(memory, acknowledgementOffset(lanes[owner]!, other))
      return this.backPressure === 'credit' && credit ? credited(credit, lanes[other]!) : undefined
    }
    const limit = options.messageLimit ?? DEFAULT_MESSAGE_LIMIT
    const others = readers.includes(self)
      ? lanes.flatMap((other, index) => (index === mine ? [] : [{ other, index }]))
      : []
    this.#readers = others.map(({ other, index }) => {
      return new LaneReader(memory, other, { limit, progress: progress(mine, index)?.to })
    })
    this.#ends = this.#readers.map(() => undefined)
    if (lane !== undefined) this.writer = new LaneWriter(memory, lane, progress(1 - mine, mine)?.from)
  }

  /** Messages lost so far, over all lanes. */
  get lost(): number {
    return this.#readers.reduce((sum, reader) => sum + reader.lost, 0)
  }

  /** Looks at every lane once, in turn, and takes the first message. The end is the end of all lanes. */
  poll(): LaneReading {
    const count = this.#readers.length
    for (let step = 0; step < count; step++) {
      const index = (this.#turn + step) % count
      const reading = this.#readers[index]!.poll()
      if (reading.kind === 'end') this.#ends[index] = reading
      if (reading.kind !== 'message') continue
      this.#turn = index + 1
      return reading
    }
    if (count === 0 || this.#ends.includes(undefined)) return { kind: 'nothing' }
    return { kind: 'end', failed: this.#ends.some((end) => end?.kind === 'end' && end.failed) }
  }

  /** The next message, or `undefined` when there is none yet. */
  tryReceive(): Uint8Array | undefined {
    const reading = this.poll()
    return reading.kind === 'message' ? reading.bytes : undefined
  }

  /**
   * Starts to send a message, as far as there is room. What is left is written by further calls of {@link flush}.
   *
   * @returns Whether the message was taken. False: the one before it is not written yet.
   */
  trySend(message: Uint8Array): boolean {
    if (!this.flush()) return false
    this.#writing().begin(message)
    this.flush()
    return true
  }

  /** Ends the stream, under the same conditions as {@link trySend}. */
  tryClose(failed = false): boolean {
    if (!this.flush()) return false
    this.#writing().beginEnd(failed)
    this.flush()
    return true
  }

  /** Writes on, as far as there is room. Returns whether everything taken is written. */
  flush(): boolean {
    const writer = this.#writing()
    writer.advance()
    return writer.idle
  }

  #writing(): LaneWriter {
    if (this.writer === undefined) throw new TypeError('this end of the channel may not write')
    return this.writer
  }
}

type Ends = Pick<ChannelDeclaration, 'writers' | 'readers'> & Partial<Pick<ChannelDeclaration, 'paced'>>

/** Words of acknowledgement need a right to write at both ends, and one reader for each lane: two ends, no more. */
const isDuplex = ({ writers, readers }: Ends): boolean =>
  writers.length === 2 && readers.length === 2 && writers.every((name) => readers.includes(name))

/** Credits are counted together whoever gives them, so they say how far a reader is only where there is one. */
const isOnePair = ({ writers, readers, paced }: Ends): boolean =>
  paced === true && [writers, readers].every((names) => names.length === 1 && names[0] !== 'any')
