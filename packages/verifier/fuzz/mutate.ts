/** Numbers that follow from a seed: mulberry32. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 up to, and without, `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

/** The most bytes that one mutation changes. */
const MOST_CHANGES = 8

/** `bytes` with one byte changed, or with several; never `bytes` themselves. */
export function mutated(bytes: Uint8Array, dice: Dice): Uint8Array {
  const mutant = bytes.slice()
  const changes = dice.below(2) === 0 ? 1 : 2 + dice.below(MOST_CHANGES - 1)
  const places = new Set(Array.from({ length: changes }, () => dice.below(bytes.length)))
  for (const place of places) mutant[place]! ^= 1 + dice.below(255)
  return mutant
}
