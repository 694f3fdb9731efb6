/** How many bytes of a secret must appear together, at any offset, to count as found. */
const FRAGMENT = 16
/** A fragment with fewer different bytes is padding or a table, not evidence of anything. */
const MINIMUM_DIFFERENT_BYTES = 8
/** Bits of the filter that most positions of the searched bytes do not pass. */
const FILTER_BITS = 22

/** Where a fragment of a secret was found. */
export interface Leak {
  /** Which of the searched byte strings, by position. */
  readonly where: number
  readonly offset: number
  /** Name of the secret the fragment is from. */
  readonly secret: string
}

/**
 * Looks for pieces of secrets in what somebody else can see.
 *
 * Every secret is cut into fragments of 16 bytes without gaps, so any 31 bytes of it that appear unchanged are found,
 * wherever they stand. Searching costs one look at a bit table per byte.
 */
export class LeakSearch {
  readonly #filter = new Uint8Array(2 ** (FILTER_BITS - 3))
  readonly #fragments = new Map<string, string>()

  /** Adds a secret, under the name that a finding gives. */
  add(secret: string, bytes: Uint8Array): void {
    for (let start = 0; start + FRAGMENT <= bytes.length; start += FRAGMENT) {
      if (!isTelling(bytes, start)) continue
      const slot = mix(word(bytes, start), word(bytes, start + 4))
      this.#filter[slot >>> 3]! |= 1 << (slot & 7)
      const fragment = fragmentAt(bytes, start)
      // What is in two secrets is told by the first: the data before what was made of it.
      if (!this.#fragments.has(fragment)) this.#fragments.set(fragment, secret)
    }
  }

  /** How many different fragments are looked for. */
  get fragments(): number {
    return this.#fragments.size
  }

  /** The first leak in each of the byte strings that holds one. */
  search(seen: Iterable<Uint8Array>): Leak[] {
    const leaks: Leak[] = []
    let where = 0
    for (const bytes of seen) {
      const leak = this.#first(bytes, where)
      if (leak !== undefined) leaks.push(leak)
      where++
    }
    return leaks
  }

  #first(bytes: Uint8Array, where: number): Leak | undefined {
    const filter = this.#filter
    // Two windows of four bytes that slide along, so that a position costs one new byte.
    let low = word(bytes, 0)
    let high = word(bytes, 4)
    for (let offset = 0; offset + FRAGMENT <= bytes.length; offset++) {
      if (offset % ZEROES.length === 0 && isUnwritten(bytes, offset)) {
        // No fragment begins here but one that reaches into what follows.
        offset += ZEROES.length - FRAGMENT + 1
        if (offset + FRAGMENT > bytes.length) break
        low = word(bytes, offset)
        high = word(bytes, offset + 4)
      }
      const slot = mix(low, high)
      if ((filter[slot >>> 3]! & (1 << (slot & 7))) !== 0) {
        const secret = this.#fragments.get(fragmentAt(bytes, offset))
        if (secret !== undefined) return { where, offset, secret }
      }
      low = (low >>> 8) | (high << 24)
      high = (high >>> 8) | (bytes[offset + 8]! << 24)
    }
    return undefined
  }
}

/** Four bytes, little-endian; zeroes beyond the end. */
function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
}

/** A filter slot for the first eight bytes of a fragment. */
function mix(low: number, high: number): number {
  return Math.imul(low ^ Math.imul(high, 0x85eb_ca6b), 0x9e37_79b1) >>> (32 - FILTER_BITS)
}

const ZEROES = new Uint8Array(4096)

/**
 * Whether a whole granule from `offset` on is zero, as most of memory is: comparing is much cheaper than looking. No
 * fragment is: each has different bytes.
 */
function isUnwritten(bytes: Uint8Array, offset: number): boolean {
  const granule = bytes.subarray(offset, offset + ZEROES.length)
  return granule.length === ZEROES.length && Buffer.compare(granule, ZEROES) === 0
}

/** The fragment that begins at `offset`, as a text that a map can look up. */
function fragmentAt(bytes: Uint8Array, offset: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, FRAGMENT).toString('latin1')
}

/** Whether the fragment at `offset` has enough different bytes to be evidence of anything. */
function isTelling(bytes: Uint8Array, offset: number): boolean {
  let different = 0
  for (let at = offset; at < offset + FRAGMENT; at++) {
    if (bytes.indexOf(bytes[at]!, offset) === at) different++
  }
  return different >= MINIMUM_DIFFERENT_BYTES
}
