/** Where a generator gets its decisions from: a seed, or the values of a property test. */
export interface Chooser {
  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number
}

/** Decisions that follow from a seed alone. */
export class SeededChooser implements Chooser {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** Mulberry32: 32 bits of state, and every seed a good one. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}

/** Decisions from a list of whole numbers; after its end they are all 0. */
export class ListedChooser implements Chooser {
  readonly #values: readonly number[]
  #next = 0

  constructor(values: readonly number[]) {
    this.#values = values
  }

  below(limit: number): number {
    return (this.#values[this.#next++] ?? 0) % limit
  }
}

/** One of several. */
export function pick<T>(chooser: Chooser, items: readonly T[]): T {
  return items[chooser.below(items.length)]!
}

/** Whether something happens that does once in `odds` times. */
export function once(chooser: Chooser, odds: number): boolean {
  return chooser.below(odds) === odds - 1
}

/** 64 random bits. */
export function word(chooser: Chooser): bigint {
  return (BigInt(chooser.below(2 ** 32)) << 32n) | BigInt(chooser.below(2 ** 32))
}
