/**
 * Memory that a channel lies in, seen from one of its ends.
 *
 * Inside a Realm it is a window on intermediate physical addresses, reached by the instructions of the PE; outside, on
 * Non-secure memory. Offsets and lengths are in bytes and lie within the memory: whoever calls computes them itself and
 * never takes them from what it read here. All integers are little-endian.
 */
export interface ChannelMemory {
  /** Size in bytes. */
  readonly length: number
  /** Copies bytes out. The copy belongs to the caller. */
  load(offset: number, length: number): Uint8Array
  store(offset: number, bytes: Uint8Array): void
  /** Single-copy atomic, as the aligned accesses of the architecture are. `offset` is a multiple of 4. */
  load32(offset: number): number
  store32(offset: number, value: number): void
}

/** Channel memory in a plain buffer, for ends that share a thread: tests, and a client inside one process. */
export function bufferMemory(bytes: Uint8Array): ChannelMemory {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    length: bytes.length,
    load: (offset, length) => bytes.slice(offset, offset + length),
    store: (offset, source) => bytes.set(source, offset),
    load32: (offset) => view.getUint32(offset, true),
    store32: (offset, value) => view.setUint32(offset, value, true),
  }
}
