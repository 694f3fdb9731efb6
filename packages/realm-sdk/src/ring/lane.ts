import { SLOT } from './slot.ts'

/**
 * One writer's part of a channel's memory: a header, then a ring of slots.
 *
 * The header fills the space of one slot, so that slots stay aligned. It holds one word for each lane of the memory: how
 * far the owner of *this* lane has read that one. Only an owner who may also read has anything to say there.
 */
export interface Lane {
  /** Where the lane begins in the memory, in bytes. */
  readonly offset: number
  readonly slotSize: number
  /** Slots in the ring. */
  readonly slots: number
}

const MIN_SLOT = 256
const MAX_SLOT = 4096
/** A ring of a small memory still has room for this many slots, header included. */
const WANTED_SLOTS = 16

/**
 * Divides a memory into one lane for each writer, all alike.
 *
 * Both ends compute this from the size and the number of writers, so nothing about it is stored in the memory.
 *
 * @param length Size of the memory in bytes, a multiple of 4,096.
 * @param writers How many may write, at least one and few enough that each lane holds a header and two slots.
 */
export function divideLanes(length: number, writers: number): readonly Lane[] {
  const share = Math.floor(length / writers / MIN_SLOT) * MIN_SLOT
  let slotSize = MIN_SLOT
  while (slotSize < MAX_SLOT && slotSize * 2 * WANTED_SLOTS <= share) slotSize *= 2
  const slots = Math.floor(share / slotSize) - 1
  if (slots < 2) throw new RangeError(`${length} bytes are too few for ${writers} writers`)
  return Array.from({ length: writers }, (_, index) => ({ offset: index * share, slotSize, slots }))
}

/** Where the slot with this number lies. Numbers start from 1. */
export function slotOffset(lane: Lane, sequence: number): number {
  return lane.offset + lane.slotSize * (1 + (sequence % lane.slots))
}

/** Where the owner of `lane` says how far it has read the lane number `other`. */
export function acknowledgementOffset(lane: Lane, other: number): number {
  return lane.offset + 4 * other
}

/** Bytes of message that one slot carries. */
export function slotCapacity(lane: Lane): number {
  return lane.slotSize - SLOT.payload
}
