import type { ChannelMemory } from '../memory.ts'
import { type Lane, slotCapacity, slotOffset } from './lane.ts'
import { chunkCount, encodeSlotBody, SLOT, SLOT_FLAG, sequenceHigh, sequenceLow, sequenceOf, WRITING } from './slot.ts'

const NOTHING = new Uint8Array(0)

/**
 * The writing side of a lane. It writes one message at a time, as many slots at once as it is allowed to.
 *
 * INVARIANT: it never reads its own lane. With back pressure it reads one word of the reader's lane, which is hostile:
 * the worst that word can do is to stop this lane or to make its reader lose messages.
 */
export class LaneWriter {
  readonly #memory: ChannelMemory
  readonly #lane: Lane
  readonly #acknowledgement: number | undefined
  #message: Uint8Array | undefined
  #flags = 0
  #chunk = 0
  #nextMessage = 0
  #sequence = 0
  #acknowledged = 0

  /** @param acknowledgement Offset of the word in which the reader says how far it is; absent: no back pressure. */
  constructor(memory: ChannelMemory, lane: Lane, acknowledgement?: number) {
    this.#memory = memory
    this.#lane = lane
    this.#acknowledgement = acknowledgement
  }

  /** Whether the last message is written as a whole. */
  get idle(): boolean {
    return this.#message === undefined
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
    if (this.#acknowledgement === undefined) return true
    if (this.#sequence - this.#acknowledged < this.#lane.slots) return true
    this.#acknowledged = this.#readAcknowledgement(this.#acknowledgement)
    return this.#sequence - this.#acknowledged < this.#lane.slots
  }

  /** The word holds the lower half of a number no greater than the last one written; anything else counts as no news. */
  #readAcknowledgement(offset: number): number {
    const low = this.#memory.load32(offset)
    const high = sequenceHigh(this.#sequence) - (low > sequenceLow(this.#sequence) ? 1 : 0)
    const claimed = high < 0 ? undefined : sequenceOf(high, low)
    return claimed !== undefined && claimed > this.#acknowledged ? claimed : this.#acknowledged
  }
}
