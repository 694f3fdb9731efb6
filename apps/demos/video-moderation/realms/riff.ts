/**
 * RIFF: a file of nested chunks, each a four-character code, a 32-bit little-endian size, that many bytes, and one byte
 * of padding when the size is odd. `RIFF` and `LIST` chunks begin with a second code and hold chunks.
 *
 * @see Microsoft, "Multimedia Programming Interface and Data Specifications 1.0", Resource Interchange File Format
 */

/** A four-character code as the 32-bit little-endian number that a file holds. */
export const fourcc = (code: string): number =>
  (code.charCodeAt(0) | (code.charCodeAt(1) << 8) | (code.charCodeAt(2) << 16) | (code.charCodeAt(3) << 24)) >>> 0

export const RIFF: number = fourcc('RIFF')
export const LIST: number = fourcc('LIST')
export const CHUNK_HEADER_SIZE = 8

/** Where a chunk lies; offsets in bytes from the start of the file. */
export interface Chunk {
  readonly id: number
  /** First byte of the content. */
  readonly start: number
  /** First byte after the content. */
  readonly end: number
  /** Where the next chunk begins: the end, after the padding. */
  readonly next: number
}

/**
 * Reads the header of the chunk at `at`.
 *
 * @param end First byte after the enclosing chunk.
 * @returns undefined when the chunk does not lie wholly before `end`. Padding that is missing at `end` is forgiven.
 */
export function readChunk(view: DataView, at: number, end: number): Chunk | undefined {
  if (at + CHUNK_HEADER_SIZE > end) return undefined
  const size = view.getUint32(at + 4, true)
  const start = at + CHUNK_HEADER_SIZE
  if (size > end - start) return undefined
  return { id: view.getUint32(at, true), start, end: start + size, next: start + size + (size % 2) }
}

/** The second code of a `RIFF` or `LIST` chunk; undefined for any other chunk, and for one too short to hold it. */
export function listType(view: DataView, chunk: Chunk): number | undefined {
  if ((chunk.id !== LIST && chunk.id !== RIFF) || chunk.end - chunk.start < 4) return undefined
  return view.getUint32(chunk.start, true)
}

/** Builds a RIFF file front to back in a buffer whose size is known beforehand. */
export class RiffWriter {
  readonly bytes: Uint8Array
  readonly #view: DataView
  readonly #open: number[] = []
  #at = 0

  /** @param size Size of the whole file in bytes; writing more throws a RangeError, which is the caller's bug. */
  constructor(size: number) {
    this.bytes = new Uint8Array(size)
    this.#view = new DataView(this.bytes.buffer)
  }

  /** Bytes written so far. */
  get position(): number {
    return this.#at
  }

  /** Begins a chunk; its size is filled in by {@link close}. */
  open(id: number): void {
    this.#open.push(this.#at)
    this.uint32(id)
    this.uint32(0)
  }

  /** Ends the innermost open chunk, padding it to an even size. */
  close(): void {
    const start = this.#open.pop()
    if (start === undefined) throw new RangeError('no chunk is open')
    const size = this.#at - start - CHUNK_HEADER_SIZE
    this.#view.setUint32(start + 4, size, true)
    this.#at += size % 2
  }

  uint16(value: number): void {
    this.#view.setUint16(this.#at, value, true)
    this.#at += 2
  }

  uint32(value: number): void {
    this.#view.setUint32(this.#at, value, true)
    this.#at += 4
  }

  /** Leaves `count` bytes zero. */
  skip(count: number): void {
    this.#at += count
  }

  write(content: Uint8Array): void {
    this.bytes.set(content, this.#at)
    this.#at += content.length
  }
}
