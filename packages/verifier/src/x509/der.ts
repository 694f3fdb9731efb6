/** One element of DER (X.690): its identifier byte, its content, and all of it as it stands. */
export interface DerElement {
  readonly tag: number
  readonly content: Uint8Array
  readonly encoded: Uint8Array
}

/** Identifier bytes of the types that certificates are made of. */
export const DER = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const

/** Lengths of more bytes than this are of no certificate. */
const LENGTH_BYTES = 3

/**
 * Reads elements of DER one after the other, strictly: lengths definite and as short as can be, tags of one byte. What
 * is wrong gives `undefined`; nothing throws, and nothing is copied.
 */
export class DerReader {
  #offset = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Whether everything has been read. */
  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length
  }

  /** The next element, of whatever type. */
  next(): DerElement | undefined {
    const bytes = this.#bytes
    const start = this.#offset
    const [tag, short] = [bytes[start], bytes[start + 1]]
    if (tag === undefined || short === undefined || (tag & 0x1f) === 0x1f) return undefined
    const lengthBytes = short < 0x80 ? 0 : short & 0x7f
    if (lengthBytes > LENGTH_BYTES || short === 0x80) return undefined
    const from = start + 2 + lengthBytes
    const length = lengthBytes === 0 ? short : bigEndian(bytes.subarray(start + 2, from))
    const isShortest = lengthBytes === 0 || (length >= 0x80 && bytes[start + 2] !== 0)
    if (!isShortest || from + length > bytes.length) return undefined
    this.#offset = from + length
    return { tag, content: bytes.subarray(from, this.#offset), encoded: bytes.subarray(start, this.#offset) }
  }

  /** The next element, if it is of this type; otherwise nothing is read. */
  take(tag: number): DerElement | undefined {
    return this.#bytes[this.#offset] === tag ? this.next() : undefined
  }
}

const bigEndian = (bytes: Uint8Array): number => bytes.reduce((value, byte) => value * 256 + byte, 0)

/** The elements inside of one that is all there is; `undefined` when one of them, or anything after, is wrong. */
export function derItems(content: Uint8Array): readonly DerElement[] | undefined {
  const reader = new DerReader(content)
  const items: DerElement[] = []
  while (!reader.isAtEnd) {
    const item = reader.next()
    if (item === undefined) return undefined
    items.push(item)
  }
  return items
}

/** The items of a sequence that is all of `bytes`. */
export function derSequence(bytes: Uint8Array): readonly DerElement[] | undefined {
  const reader = new DerReader(bytes)
  const sequence = reader.take(DER.sequence)
  return sequence !== undefined && reader.isAtEnd ? derItems(sequence.content) : undefined
}

/** A whole number that is not negative, big endian without leading zeroes; `undefined` for any other. */
export function derUnsigned(element: DerElement | undefined): Uint8Array | undefined {
  if (element?.tag !== DER.integer) return undefined
  const [first, second] = element.content
  if (first === undefined || first >= 0x80) return undefined
  if (first !== 0 || second === undefined) return element.content
  return second >= 0x80 ? element.content.subarray(1) : undefined
}
