import type { EventLog } from '../event.ts'

/** Bytes of IPA space that one counter covers: what one level-2 entry maps. */
export const COUNTED_BLOCK_SIZE: number = 2 * 1024 * 1024

/** Blocks that can be counted between two exits, and how many of them one instruction can touch at most. */
const CAPACITY = 256

/** Words of the table: how many entries are used, then block number, bytes loaded and bytes stored of each. */
export const ACCESS_COUNTER_WORDS: number = 1 + 3 * CAPACITY

const UNUSED = -1

/**
 * Bytes loaded and stored per 2 MiB block of IPA since the last exit.
 *
 * It stands over a `Float64Array` that PE and machine may share between threads; only one of them uses it at a time.
 */
export class AccessCounters {
  readonly #words: Float64Array
  /** Where the block last touched is: accesses come in runs. */
  #current = 1

  constructor(words: Float64Array = new Float64Array(ACCESS_COUNTER_WORDS)) {
    this.#words = words
    this.#words.fill(UNUSED)
    this.#words[0] = 0
  }

  /**
   * Whether an instruction that moves `length` bytes finds room. If not, the PE takes an interrupt first, so that
   * counters never have to be dropped.
   */
  hasRoom(length: number): boolean {
    return this.#words[0]! + 4 + (2 * length) / COUNTED_BLOCK_SIZE <= CAPACITY
  }

  /** Counts an access that lies within one block. */
  count(ipa: number, loaded: number, stored: number): void {
    const words = this.#words
    const block = Math.floor(ipa / COUNTED_BLOCK_SIZE)
    if (words[this.#current] !== block) this.#seek(block)
    const at = this.#current
    words[at + 1] = words[at + 1]! + loaded
    words[at + 2] = words[at + 2]! + stored
  }

  #seek(block: number): void {
    const words = this.#words
    const end = 1 + words[0]! * 3
    let at = 1
    while (at < end && words[at] !== block) at += 3
    if (at === end) {
      words[0] = words[0]! + 1
      words[at] = block
      words[at + 1] = 0
      words[at + 2] = 0
    }
    this.#current = at
  }

  /** Reports what was counted as one `access` event a block, in the order of first use, and starts from zero. */
  report(events: EventLog, rec: string): void {
    const words = this.#words
    const end = 1 + words[0]! * 3
    for (let at = 1; at < end; at += 3) {
      if (events.enabled) {
        const block = `0x${(words[at]! * COUNTED_BLOCK_SIZE).toString(16)}`
        events.emit({ event: 'access', rec, block, loaded: words[at + 1]!, stored: words[at + 2]! })
      }
      words[at] = UNUSED
    }
    words[0] = 0
  }
}
