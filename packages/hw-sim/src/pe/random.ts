import { createHmac } from 'node:crypto'

/** Bytes of a generator's key. */
export const RANDOM_KEY_SIZE = 32

/**
 * The key of one guest's random number generator.
 *
 * @param sequence Guests made on this machine before it: a REC that is created again at the same address does not
 *   repeat the numbers of the first.
 */
export function guestRandomKey(seed: Uint8Array, rec: string, sequence: number): Uint8Array {
  return createHmac('sha256', seed).update(`guest random ${sequence} ${rec}`).digest()
}

/** The key of the random numbers that the monitor draws: no guest's are derived from it. */
export function monitorRandomKey(seed: Uint8Array): Uint8Array {
  return createHmac('sha256', seed).update('monitor random').digest()
}

/**
 * FEAT_RNG of one PE: HMAC-SHA-512 in counter mode.
 *
 * SIMPLIFIED: hardware has an entropy source; this has the machine's seed, so that a run can be repeated.
 */
export class RandomNumbers {
  readonly #key: Uint8Array
  #counter = 0
  #block: Uint8Array = new Uint8Array(0)

  constructor(key: Uint8Array) {
    this.#key = key
  }

  /** The next `length` bytes. */
  bytes(length: number): Uint8Array {
    const result = new Uint8Array(length)
    for (let done = 0; done < length; ) {
      if (this.#block.length === 0)
        this.#block = createHmac('sha512', this.#key)
          .update(`${this.#counter++}`)
          .digest()
      const part = this.#block.subarray(0, length - done)
      result.set(part, done)
      this.#block = this.#block.subarray(part.length)
      done += part.length
    }
    return result
  }
}
