/**
 * The slot: the unit in which a lane carries messages, 256 to 4,096 bytes, self-describing.
 *
 * A writer may have the right to write and nothing else, so no word of a lane is ever read by who writes it. A slot is
 * guarded by its own sequence number instead: it is marked as being written, filled, and then published by storing the
 * upper half of its number. A reader copies the slot once and then looks whether the number is still the same.
 */

/** Offsets of a slot's fields. All are 32-bit little-endian words; the payload follows the last. */
export const SLOT = {
  /** Upper half of the slot's number: stored first as {@link WRITING} and last as itself. */
  sequenceHigh: 0,
  /** Lower half of the slot's number. */
  sequenceLow: 4,
  /** Number of the message that this slot belongs to, modulo 2^32. */
  message: 8,
  /** Position of this chunk in its message. */
  chunk: 12,
  /** Bytes of the whole message. */
  total: 16,
  /** Bytes of payload in this slot. */
  length: 20,
  /** See {@link SLOT_FLAG}. */
  flags: 24,
  payload: 32,
} as const

/** What a slot says besides its payload. A slot with `end` carries none. */
export const SLOT_FLAG = { end: 1, failed: 2 } as const

/** In the place of the upper half of a number: this slot is being written. */
export const WRITING = 0xffff_ffff

const WORD = 2 ** 32
/** Slots are counted from 1 in a number that a double holds exactly; zero means never written. */
const SEQUENCE_HIGH_LIMIT = 2 ** 21

/** The lower 32 bits of a slot's number. */
export function sequenceLow(sequence: number): number {
  return sequence % WORD
}

/** The bits of a slot's number above the lower 32. */
export function sequenceHigh(sequence: number): number {
  return Math.floor(sequence / WORD)
}

/** Puts the halves of a number together. `undefined` when the slot is being written, or the number is out of range. */
export function sequenceOf(high: number, low: number): number | undefined {
  return high < SEQUENCE_HIGH_LIMIT ? high * WORD + low : undefined
}

/** One part of a message, or the end of a stream: what a writer puts into a slot, and a reader finds there. */
export interface SlotContent {
  readonly sequence: number
  readonly message: number
  readonly chunk: number
  readonly total: number
  readonly flags: number
  readonly payload: Uint8Array
}

/**
 * Renders a slot from its sequence number's lower half on: everything that is stored between marking and publishing.
 *
 * @returns Bytes for {@link SLOT.sequenceLow} and after.
 */
export function encodeSlotBody(slot: SlotContent): Uint8Array {
  const body = new Uint8Array(SLOT.payload - SLOT.sequenceLow + slot.payload.length)
  const view = new DataView(body.buffer)
  const put = (offset: number, value: number): void => view.setUint32(offset - SLOT.sequenceLow, value, true)
  put(SLOT.sequenceLow, sequenceLow(slot.sequence))
  put(SLOT.message, slot.message)
  put(SLOT.chunk, slot.chunk)
  put(SLOT.total, slot.total)
  put(SLOT.length, slot.payload.length)
  put(SLOT.flags, slot.flags)
  body.set(slot.payload, SLOT.payload - SLOT.sequenceLow)
  return body
}

/**
 * Reads a private copy of a slot. Whoever wrote it is hostile.
 *
 * @param bytes A whole slot.
 * @returns `undefined` when the slot is not what an honest writer makes: an unknown flag, a chunk outside its message,
 *   or a length other than the one that its place in the message asks for.
 */
export function decodeSlot(bytes: Uint8Array): SlotContent | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const sequence = sequenceOf(view.getUint32(SLOT.sequenceHigh, true), view.getUint32(SLOT.sequenceLow, true))
  const message = view.getUint32(SLOT.message, true)
  const chunk = view.getUint32(SLOT.chunk, true)
  const total = view.getUint32(SLOT.total, true)
  const length = view.getUint32(SLOT.length, true)
  const flags = view.getUint32(SLOT.flags, true)
  if (sequence === undefined || flags > (SLOT_FLAG.end | SLOT_FLAG.failed) || flags === SLOT_FLAG.failed)
    return undefined
  if (length !== chunkLength(total, chunk, bytes.length - SLOT.payload)) return undefined
  if (flags !== 0 && total !== 0) return undefined
  return { sequence, message, chunk, total, flags, payload: bytes.subarray(SLOT.payload, SLOT.payload + length) }
}

/** How many chunks a message of `total` bytes takes. An empty message takes one. */
export function chunkCount(total: number, capacity: number): number {
  return Math.max(1, Math.ceil(total / capacity))
}

/** Bytes of payload in chunk number `chunk`; `undefined` when the message has no such chunk. */
function chunkLength(total: number, chunk: number, capacity: number): number | undefined {
  const count = chunkCount(total, capacity)
  if (chunk >= count) return undefined
  return chunk === count - 1 ? total - chunk * capacity : capacity
}
