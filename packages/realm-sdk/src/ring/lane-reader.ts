import type { ChannelMemory } from '../memory.ts'
import { type Lane, slotCapacity, slotOffset } from './lane.ts'
import type { ProgressReport } from './progress.ts'
import { chunkCount, decodeSlot, SLOT, SLOT_FLAG, type SlotContent, sequenceOf } from './slot.ts'

/** What a reader found: a message, the end of the stream (`failed`: the writer broke off), or nothing yet. */
export type LaneReading =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly failed: boolean }
  | { readonly kind: 'nothing' }

const NOTHING: LaneReading = { kind: 'nothing' }

interface Assembly {
  readonly message: number
  readonly total: number
  readonly chunks: Uint8Array[]
}

/** Options of a {@link LaneReader}. */
export interface LaneReaderOptions {
  /** Longest message it puts together, in bytes; a longer one counts as lost. */
  readonly limit: number
  /** Takes how far this reader is, for back pressure. */
  readonly progress?: ProgressReport | undefined
}

/**
 * The reading side of a lane. Everything in the lane is hostile: a slot is copied once, the copy is checked, and only
 * the copy is used.
 *
 * Slots that were overwritten before they were read are noticed by their number; how many messages went with them is
 * known as soon as the first chunk of a later one is seen.
 */
export class LaneReader {
  readonly #memory: ChannelMemory
  readonly #lane: Lane
  readonly #limit: number
  readonly #progress: ProgressReport | undefined
  #next = 1
  #expected = 0
  #assembly: Assembly | undefined
  #end: LaneReading | undefined
  #lost = 0

  constructor(memory: ChannelMemory, lane: Lane, options: LaneReaderOptions) {
    this.#memory = memory
    this.#lane = lane
    this.#limit = options.limit
    this.#progress = options.progress
  }

  /** Messages that were sent and that this reader will never see, as far as it knows by now. */
  get lost(): number {
    return this.#lost
  }

  /** Looks once. Visits at most each slot of the ring, so that a writer that never pauses cannot hold its reader. */
  poll(): LaneReading {
    if (this.#end !== undefined) return this.#end
    let reading: LaneReading | undefined
    for (let visited = 0; reading === undefined && visited < this.#lane.slots; visited++) {
      const slot = this.#take()
      if (slot === undefined) break
      reading = slot === 'not-a-slot' ? this.#drop() : this.#accept(slot)
    }
    this.#progress?.(this.#next - 1)
    return reading ?? NOTHING
  }

  /** Copies the next slot. `undefined`: it is not there yet, or the writer is in it. */
  #take(): SlotContent | 'not-a-slot' | undefined {
    // Behind a writer that pauses, four steps find the oldest slot left; one that keeps overtaking is given up on for now.
    for (let attempt = 0; attempt < 8; attempt++) {
      const offset = slotOffset(this.#lane, this.#next)
      const found = this.#sequenceAt(offset)
      if (found === undefined || found < this.#next || (found - this.#next) % this.#lane.slots !== 0) return undefined
      if (found > this.#next) {
        // Overtaken. The oldest slot still there is a full ring before the one found; start a little later than that,
        // because the writer is about to reach it.
        this.#next = found - this.#lane.slots + 1 + Math.floor(this.#lane.slots / 4)
        continue
      }
      const copy = this.#memory.load(offset, this.#lane.slotSize)
      const content = decodeSlot(copy)
      // INVARIANT: the copy is used only if the slot had this number before and after it was made.
      if (this.#sequenceAt(offset) !== this.#next) continue
      this.#next++
      return content !== undefined && content.sequence === found ? content : 'not-a-slot'
    }
    return undefined
  }

  #sequenceAt(offset: number): number | undefined {
    const before = this.#memory.load32(offset + SLOT.sequenceHigh)
    const low = this.#memory.load32(offset + SLOT.sequenceLow)
    const after = this.#memory.load32(offset + SLOT.sequenceHigh)
    return before === after ? sequenceOf(after, low) : undefined
  }

  /** Forgets the message being put together: it counts as lost when a later one shows that it is over. */
  #drop(): undefined {
    this.#assembly = undefined
  }

  #accept(slot: SlotContent): LaneReading | undefined {
    if ((slot.flags & SLOT_FLAG.end) !== 0) {
      this.#skipTo(slot.message)
      this.#end = { kind: 'end', failed: (slot.flags & SLOT_FLAG.failed) !== 0 }
      return this.#end
    }
    const assembly = this.#continue(slot)
    if (assembly === undefined || assembly.chunks.length < chunkCount(slot.total, slotCapacity(this.#lane)))
      return undefined
    this.#assembly = undefined
    this.#expected = (slot.message + 1) % 2 ** 32
    return { kind: 'message', bytes: join(assembly) }
  }

  #continue(slot: SlotContent): Assembly | undefined {
    const open = this.#assembly
    const follows =
      open !== undefined &&
      open.message === slot.message &&
      open.total === slot.total &&
      open.chunks.length === slot.chunk
    if (follows) {
      open.chunks.push(slot.payload)
      return open
    }
    this.#drop()
    if (slot.chunk !== 0) return undefined
    this.#skipTo(slot.message)
    if (slot.total > this.#limit) return undefined
    this.#assembly = { message: slot.message, total: slot.total, chunks: [slot.payload] }
    return this.#assembly
  }

  #skipTo(message: number): void {
    this.#drop()
    this.#lost += (message - this.#expected) >>> 0
    this.#expected = message
  }
}

/** One copy of its own for the receiver, whatever the slots were part of. */
function join(assembly: Assembly): Uint8Array {
  const bytes = new Uint8Array(assembly.total)
  let offset = 0
  for (const chunk of assembly.chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}
