import type { ChannelMemory } from '../memory.ts'
import type { Lane } from './lane.ts'
import { sequenceHigh, sequenceLow, sequenceOf } from './slot.ts'

/** How a writer learns how far its reader is. The answer is the reader's, and may be anything. */
export type ProgressSource = (written: number) => number | undefined

/** How a reader says how far it is: the number of the last slot that it is done with. */
export type ProgressReport = (read: number) => void

/** Progress in a word of the reader's own lane, for ends that both may write. */
export function acknowledgement(memory: ChannelMemory, offset: number): { from: ProgressSource; to: ProgressReport } {
  let told = 0
  return {
    // The word holds the lower half of a number no greater than the last one written.
    from: (written) => {
      const low = memory.load32(offset)
      const high = sequenceHigh(written) - (low > sequenceLow(written) ? 1 : 0)
      return high < 0 ? undefined : sequenceOf(high, low)
    },
    to: (read) => {
      if (read !== told) memory.store32(offset, sequenceLow(read))
      told = read
    },
  }
}

/** What carries credit of a `paced` channel: the monitor, one at a time. */
export interface Credit {
  /** Credits that this end, a writer, has received in its life. */
  received(): number
  /** Says how many credits this end, a reader, has to have given in all. They are given when that may be. */
  owe(credits: number): void
}

/** Slots that a credit stands for: half of the ring, so that one half can be written while the other is read. */
export const slotsPerCredit = ({ slots }: Lane): number => Math.floor(slots / 2)

/** Progress by credit: the reader has no right to write. */
export function credited(credit: Credit, lane: Lane): { from: ProgressSource; to: ProgressReport } {
  const unit = slotsPerCredit(lane)
  return {
    from: () => credit.received() * unit,
    to: (read) => credit.owe(Math.floor(read / unit)),
  }
}
