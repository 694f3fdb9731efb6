import type { ChannelMemory } from '../memory.ts'
import { type Lane, slotCapacity, slotOffset } from './lane.ts'
import type { ProgressSource } from './progress.ts'
import { chunkCount, encodeSlotBody, SLOT, SLOT_FLAG, sequenceHigh, WRITING } from './slot.ts'

const NOTHING = new Uint8Array(0)

/**
 * The writing side of a lane. It writes one message at a time, as many slots at once as it is allowed to.
 *
 * INVARIANT: it never reads its own lane. With back pressure it asks how far its reader is, who is hostile: the worst
 * that the answer can do is to stop this lane or to make that reader lose messages.
 */
export class LaneWriter {
  readonly #memory: ChannelMemory
  readonly #lane: Lane
  readonly #progress: ProgressSource | undefined
  #message: Uint8Array | undefined
  #flags = 0
  #chunk = 0
  #nextMessage = 0
  #sequence = 0
  #acknowledged = 0

  /** @param progress How far the reader is; absent: no back pressure. */
  constructor(memory: ChannelMemory, lane: Lane, progress?: ProgressSource) {
    this.#memory = memory
    this.#lane = lane
    this.#progress = progress
  }

  /** Whether the last message is written as a whole. */
  get idle(): boolean {
    return this.#message === undefined
  }

  /** Whether its reader has ever said that it read something. */
  get wasRead(): boolean {
    return this.#acknowledged > 0
  }

  /** Slots that a writer without back pressure may fill before it should let a reader run: half of the ring. */
  get burst(): number {
    return Math.max(1, Math.floor(this.#lane.slots / 2))
  }

  /** Takes a message to write; {@link advance} writes it. The bytes must not change until it is written. */
  begin(message: Uint8Array): void {
    this.#start(message, 0)
  }

  /** Takes the end of the stream to write. `failed` tells the reader that more should have come. */
  beginEnd(failed: boolean): void {
    this.#start(NOTHING, failed ? SLOT_FLAG.end | SLOT_FLAG.failed : SLOT_FLAG.end)
  }

  /**
   * Writes what there is room for, at most `limit` slots.
   *
   * @returns How many slots it wrote.
   */
  advance(limit: number = Number.POSITIVE_INFINITY): number {
    let written = 0
    while (this.#message !== undefined && written < limit && this.#hasRoom()) {
      this.#writeChunk(this.#message)
      written++
    }
    return written
  }

  /** Gives up a message that is not written as a whole: the reader will count it as lost. */
  abandon(): void {
    if (this.#message === undefined) return
    this.#message = undefined
    this.#nextMessage = (this.#nextMessage + 1) % 2 ** 32
  }

  #start(message: Uint8Array, flags: number): void {
    if (this.#message !== undefined) throw new Error('a message is still being written to this lane')
    this.#message = message
    this.#flags = flags
    this.#chunk = 0
  }

  #writeChunk(message: Uint8Array): void {
    const capacity = slotCapacity(this.#lane)
    const sequence = this.#sequence + 1
    const offset = slotOffset(this.#lane, sequence)
    const start = this.#chunk * capacity
    const body = encodeSlotBody({
      sequence,
      message: this.#nextMessage,
      chunk: this.#chunk,
      total: message.length,
      flags: this.#flags,
      payload: message.subarray(start, start + capacity),
    })
    this.#memory.store32(offset + SLOT.sequenceHigh, WRITING)
    this.#memory.store(offset + SLOT.sequenceLow, body)
    this.#memory.store32(offset + SLOT.sequenceHigh, sequenceHigh(sequence))
    this.#sequence = sequence
    this.#chunk++
    if (this.#chunk < chunkCount(message.length, capacity)) return
    this.#message = undefined
    this.#nextMessage = (this.#nextMessage + 1) % 2 ** 32
  }

  #hasRoom(): boolean {
    if (this.#progress === undefined) return true
    if (this.#sequence - this.#acknowledged < this.#lane.slots) return true
    const claimed = this.#progress(this.#sequence)
    // Less than it has said before, or more than there is to read, is no news.
    if (claimed !== undefined && claimed > this.#acknowledged) this.#acknowledged = Math.min(claimed, this.#sequence)
    return this.#sequence - this.#acknowledged < this.#lane.slots
  }
}
