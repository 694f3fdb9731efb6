import { decodeUtf8 } from './utf8.ts'
import { type CborKey, type CborValue, compareBytes, MAJOR, SIMPLE } from './value.ts'

/** What a decoder accepts. */
export interface CborDecodeOptions {
  /**
   * Whether only the deterministic encoding is accepted (RFC 8949 section 4.2.1). Otherwise keys may come in any order
   * and integers and lengths may be wider than they need be, as in tokens of other makers; nothing else is loosened.
   */
  readonly deterministic: boolean
  /**
   * Whether arrays and maps may come without their length, ended by a break, as some tools write endorsements. Never in
   * the deterministic encoding, and never for strings; off by default.
   */
  readonly indefinite?: boolean | undefined
  /** Nesting of arrays, maps and tags; at most, and by default, 64. */
  readonly maxDepth?: number | undefined
  /** Data items in all, keys included; by default 1,048,576. */
  readonly maxItems?: number | undefined
}

/** Why bytes are not one acceptable data item. */
export type CborMalformation =
  | 'truncated'
  | 'trailing-bytes'
  | 'reserved-head'
  | 'indefinite-length'
  | 'not-shortest-form'
  | 'unsupported-simple'
  | 'invalid-utf8'
  | 'unsupported-key'
  | 'duplicate-key'
  | 'unsorted-keys'
  | 'too-deep'
  | 'too-many-items'

/** A decoded value, or the first thing wrong and the offset in bytes where it was found. */
export type CborDecoding =
  | { readonly kind: 'value'; readonly value: CborValue }
  | { readonly kind: 'malformed'; readonly reason: CborMalformation; readonly offset: number }

const MAX_DEPTH = 64
const MAX_ITEMS = 1_048_576
const EXACT_LIMIT = BigInt(Number.MAX_SAFE_INTEGER)
const MAX_TAG = Number.MAX_SAFE_INTEGER
/** Count of items of an array or map of indefinite length; no encoded argument is negative. */
const UNKNOWN_COUNT = -1
const BREAK = 0xff

/**
 * Decodes exactly one data item.
 *
 * Never throws and never recurses deeper than `maxDepth`; byte strings of the result are copies. Refused in either
 * mode: indefinite lengths (but see {@link CborDecodeOptions.indefinite}), floats, simple values other than false, true and null, text that is not UTF-8, keys that
 * are neither integer nor text, a key twice (also in another width), and bytes after the item.
 */
export function decodeCbor(bytes: Uint8Array, options: CborDecodeOptions): CborDecoding {
  const reader = new Reader(bytes, options)
  const value = reader.item(0)
  if (value !== undefined && reader.offset < bytes.length) reader.fail('trailing-bytes', reader.offset)
  const { failure } = reader
  if (failure !== undefined) return { kind: 'malformed', ...failure }
  // INVARIANT: an item is undefined only after a failure has been noted.
  return { kind: 'value', value: value! }
}

/** Reads items from a byte string. `undefined` stands for failure, the first of which is kept. */
class Reader {
  offset = 0
  failure: { readonly reason: CborMalformation; readonly offset: number } | undefined
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #deterministic: boolean
  readonly #indefinite: boolean
  readonly #maxDepth: number
  #itemsLeft: number
  /** Major type and argument of the head read last. */
  #major = 0
  #argument: number | bigint = 0

  constructor(bytes: Uint8Array, options: CborDecodeOptions) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#deterministic = options.deterministic
    this.#indefinite = options.indefinite === true && !options.deterministic
    this.#maxDepth = Math.min(options.maxDepth ?? MAX_DEPTH, MAX_DEPTH)
    this.#itemsLeft = options.maxItems ?? MAX_ITEMS
  }

  fail(reason: CborMalformation, offset: number): undefined {
    this.failure ??= { reason, offset }
    return undefined
  }

  item(depth: number): CborValue | undefined {
    const start = this.offset
    if (this.#itemsLeft-- <= 0) return this.fail('too-many-items', start)
    if (!this.#head()) return undefined
    const argument = this.#argument
    switch (this.#major) {
      case MAJOR.unsigned:
        return argument
      case MAJOR.negative:
        return negative(argument)
      case MAJOR.bytes:
        return this.#content(argument)?.slice()
      case MAJOR.text:
        return this.#text(argument, start)
      case MAJOR.array:
        return depth < this.#maxDepth ? this.#array(argument, depth) : this.fail('too-deep', start)
      case MAJOR.map:
        return depth < this.#maxDepth ? this.#map(argument, depth) : this.fail('too-deep', start)
      case MAJOR.tag:
        return depth < this.#maxDepth ? this.#tagged(argument, depth, start) : this.fail('too-deep', start)
      default:
        return this.#simple(argument, start)
    }
  }

  /** Reads an initial byte and its argument; a `bigint` only where a double would not be exact. */
  #head(): boolean {
    const start = this.offset
    if (start >= this.#bytes.length) return this.fail('truncated', start) ?? false
    const initial = this.#bytes[start]!
    const information = initial & 0x1f
    this.#major = initial >> 5
    this.offset++
    if (information < 24) {
      this.#argument = information
      return true
    }
    if (information === 31) {
      if (!this.#indefinite || (this.#major !== MAJOR.array && this.#major !== MAJOR.map))
        return this.fail('indefinite-length', start) ?? false
      this.#argument = UNKNOWN_COUNT
      return true
    }
    if (information > 27) return this.fail('reserved-head', start) ?? false
    // Widths of major type 7 are floats and the two-byte simple values: there is no argument to be short or long.
    if (this.#major === MAJOR.simple) return this.fail('unsupported-simple', start) ?? false
    const width = 1 << (information - 24)
    if (this.#bytes.length - this.offset < width) return this.fail('truncated', this.#bytes.length) ?? false
    this.#argument = this.#wide(width)
    this.offset += width
    const least = width === 1 ? 24 : width === 2 ? 0x100 : width === 4 ? 0x1_0000 : 0x1_0000_0000
    if (this.#deterministic && this.#argument < least) return this.fail('not-shortest-form', start) ?? false
    return true
  }

  #wide(width: number): number | bigint {
    if (width === 1) return this.#view.getUint8(this.offset)
    if (width === 2) return this.#view.getUint16(this.offset)
    if (width === 4) return this.#view.getUint32(this.offset)
    const value = this.#view.getBigUint64(this.offset)
    return value <= EXACT_LIMIT ? Number(value) : value
  }

  /** A view of the next `length` bytes. */
  #content(length: number | bigint): Uint8Array | undefined {
    const left = this.#bytes.length - this.offset
    if (length > left) return this.fail('truncated', this.#bytes.length)
    const start = this.offset
    this.offset += Number(length)
    return this.#bytes.subarray(start, this.offset)
  }

  #text(length: number | bigint, start: number): string | undefined {
    const content = this.#content(length)
    if (content === undefined) return undefined
    return decodeUtf8(content) ?? this.fail('invalid-utf8', start)
  }

  /** Whether an array or map with `read` entries of `count` is complete; takes the break of an indefinite one. */
  #ended(read: number, count: number | bigint): boolean {
    if (count !== UNKNOWN_COUNT) return read >= count
    if (this.#bytes[this.offset] !== BREAK) return false
    this.offset++
    return true
  }

  #array(count: number | bigint, depth: number): readonly CborValue[] | undefined {
    // Every item takes a byte at least, so a count beyond the bytes left is refused before anything is allocated.
    if (count > this.#bytes.length - this.offset) return this.fail('truncated', this.#bytes.length)
    const items: CborValue[] = []
    for (let i = 0; !this.#ended(i, count); i++) {
      const value = this.item(depth + 1)
      if (value === undefined) return undefined
      items.push(value)
    }
    return items
  }

  #map(count: number | bigint, depth: number): ReadonlyMap<CborKey, CborValue> | undefined {
    if (count > (this.#bytes.length - this.offset) / 2) return this.fail('truncated', this.#bytes.length)
    const map = new Map<CborKey, CborValue>()
    let previous: Uint8Array | undefined
    for (let i = 0; !this.#ended(i, count); i++) {
      const start = this.offset
      const key = this.item(depth + 1)
      if (key === undefined) return undefined
      if (typeof key !== 'number' && typeof key !== 'bigint' && typeof key !== 'string') {
        return this.fail('unsupported-key', start)
      }
      // Equal integers are equal values here whatever their width, so this also finds a key repeated in a wider form.
      if (map.has(key)) return this.fail('duplicate-key', start)
      const encoded = this.#bytes.subarray(start, this.offset)
      if (this.#deterministic && previous !== undefined && compareBytes(previous, encoded) >= 0) {
        return this.fail('unsorted-keys', start)
      }
      previous = encoded
      const value = this.item(depth + 1)
      if (value === undefined) return undefined
      map.set(key, value)
    }
    return map
  }

  #tagged(tag: number | bigint, depth: number, start: number): CborValue | undefined {
    if (tag > MAX_TAG) return this.fail('reserved-head', start)
    const value = this.item(depth + 1)
    return value === undefined ? undefined : { tag: Number(tag), value }
  }

  #simple(value: number | bigint, start: number): CborValue | undefined {
    if (value === SIMPLE.false) return false
    if (value === SIMPLE.true) return true
    if (value === SIMPLE.null) return null
    return this.fail('unsupported-simple', start)
  }
}

/** The negative integer -1 - argument. */
function negative(argument: number | bigint): number | bigint {
  if (typeof argument === 'number' && argument < Number.MAX_SAFE_INTEGER) return -1 - argument
  return -1n - BigInt(argument)
}
