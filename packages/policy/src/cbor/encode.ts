import { encodeUtf8 } from './utf8.ts'
import { type CborKey, type CborTagged, type CborValue, compareBytes, MAJOR, SIMPLE } from './value.ts'

const INITIAL_CAPACITY = 256
const UINT32_LIMIT = 0x1_0000_0000
const UINT64_LIMIT = 1n << 64n

/** In which order the entries of maps are written. */
type MapOrder = 'sorted' | 'given'

/** A byte buffer that grows. Stores go through a `DataView`: indexed stores are slow in a locked-down realm. */
class ByteWriter {
  readonly mapOrder: MapOrder
  #bytes = new Uint8Array(INITIAL_CAPACITY)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  constructor(mapOrder: MapOrder) {
    this.mapOrder = mapOrder
  }

  #reserve(count: number): number {
    const offset = this.#length
    this.#length += count
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2))
      grown.set(this.#bytes)
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    return offset
  }

  /** Writes an initial byte and its argument in the shortest form (RFC 8949 section 4.2.1). */
  head(major: number, argument: number | bigint): void {
    const type = major << 5
    if (typeof argument === 'bigint' || argument >= UINT32_LIMIT) {
      const offset = this.#reserve(9)
      this.#view.setUint8(offset, type | 27)
      this.#view.setBigUint64(offset + 1, BigInt(argument))
    } else if (argument < 24) {
      const offset = this.#reserve(1)
      this.#view.setUint8(offset, type | argument)
    } else if (argument <= 0xff) {
      const offset = this.#reserve(2)
      this.#view.setUint8(offset, type | 24)
      this.#view.setUint8(offset + 1, argument)
    } else if (argument <= 0xffff) {
      const offset = this.#reserve(3)
      this.#view.setUint8(offset, type | 25)
      this.#view.setUint16(offset + 1, argument)
    } else {
      const offset = this.#reserve(5)
      this.#view.setUint8(offset, type | 26)
      this.#view.setUint32(offset + 1, argument)
    }
  }

  append(bytes: Uint8Array): void {
    const offset = this.#reserve(bytes.length)
    this.#bytes.set(bytes, offset)
  }

  /** Writes a text of ASCII, as nearly all are, without a copy in between. @returns Whether it is one. */
  ascii(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false
    this.head(MAJOR.text, text.length)
    const offset = this.#reserve(text.length)
    for (let i = 0; i < text.length; i++) this.#view.setUint8(offset + i, text.charCodeAt(i))
    return true
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }
}

/**
 * The deterministic encoding of a value (RFC 8949 section 4.2.1): shortest forms, sorted keys, definite lengths.
 *
 * @throws TypeError on a value that has no encoding here (a fraction, an integer beyond 64 bits, an unpaired
 *   surrogate, a key twice): only this program's own mistake can bring one.
 */
export function encodeCbor(value: CborValue): Uint8Array {
  return encode(value, 'sorted')
}

/**
 * As {@link encodeCbor}, but entries of maps stand in the order of insertion: attestation tokens of firmware that
 * verifiers know are not sorted, and are compared byte for byte.
 */
export function encodeCborInGivenOrder(value: CborValue): Uint8Array {
  return encode(value, 'given')
}

function encode(value: CborValue, mapOrder: MapOrder): Uint8Array {
  const writer = new ByteWriter(mapOrder)
  write(writer, value)
  return writer.finish()
}

function write(writer: ByteWriter, value: CborValue): void {
  if (typeof value === 'number' || typeof value === 'bigint') writeInteger(writer, value)
  else if (typeof value === 'string') writeText(writer, value)
  else if (typeof value === 'boolean') writer.head(MAJOR.simple, value ? SIMPLE.true : SIMPLE.false)
  else if (value === null) writer.head(MAJOR.simple, SIMPLE.null)
  else if (value instanceof Uint8Array) {
    writer.head(MAJOR.bytes, value.length)
    writer.append(value)
  } else if (isArray(value)) {
    writer.head(MAJOR.array, value.length)
    for (const item of value) write(writer, item)
  } else if (isTagged(value)) {
    if (!Number.isSafeInteger(value.tag) || value.tag < 0) throw new TypeError(`cbor: no tag ${value.tag}`)
    writer.head(MAJOR.tag, value.tag)
    write(writer, value.value)
  } else writeMap(writer, value)
}

// Array.isArray does not narrow a readonly array out of a union.
function isArray(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value)
}

function isTagged(value: ReadonlyMap<CborKey, CborValue> | CborTagged): value is CborTagged {
  return !(value instanceof Map)
}

function writeInteger(writer: ByteWriter, value: number | bigint): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError(`cbor: ${value} is no integer that a double holds exactly`)
    if (value >= 0) writer.head(MAJOR.unsigned, value)
    else writer.head(MAJOR.negative, -1 - value)
    return
  }
  const argument = value >= 0n ? value : -1n - value
  if (argument >= UINT64_LIMIT) throw new TypeError('cbor: integer beyond 64 bits')
  const major = value >= 0n ? MAJOR.unsigned : MAJOR.negative
  // A bigint below 2^32 takes the short forms like any other integer.
  writer.head(major, argument < BigInt(UINT32_LIMIT) ? Number(argument) : argument)
}

function writeText(writer: ByteWriter, value: string): void {
  if (writer.ascii(value)) return
  const bytes = encodeUtf8(value)
  if (bytes === undefined) throw new TypeError('cbor: text with an unpaired surrogate')
  writer.head(MAJOR.text, bytes.length)
  writer.append(bytes)
}

function writeMap(writer: ByteWriter, value: ReadonlyMap<CborKey, CborValue>): void {
  // All keys in one buffer: a buffer for each would cost more than all else that there is to a map.
  const keys = new ByteWriter(writer.mapOrder)
  const ends = [...value.keys()].map((key) => {
    write(keys, key)
    return keys.length
  })
  const encoded = keys.finish()
  const entries = [...value.values()].map((item, i) => ({ key: encoded.subarray(ends[i - 1] ?? 0, ends[i]), item }))
  const sorted = [...entries].sort((a, b) => compareBytes(a.key, b.key))
  for (const [i, { key }] of sorted.entries()) {
    // `1` and `1n` are two keys of a Map and one key of CBOR.
    if (i > 0 && compareBytes(sorted[i - 1]!.key, key) === 0) throw new TypeError('cbor: a key twice')
  }
  writer.head(MAJOR.map, entries.length)
  for (const { key, item } of writer.mapOrder === 'sorted' ? sorted : entries) {
    writer.append(key)
    write(writer, item)
  }
}
