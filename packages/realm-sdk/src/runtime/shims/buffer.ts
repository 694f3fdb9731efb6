/**
 * As much of Node's `Buffer` as libraries need that use it only to make byte arrays.
 *
 * Put in the place of the global by the build of an image, where something bundled names it.
 */
const ByteBuffer = {
  /** Bytes from an array of numbers, or a copy of bytes. Text is refused: nothing that runs in a Realm needs it. */
  from(source: ArrayLike<number>): Uint8Array {
    if (typeof source === 'string') throw new TypeError('text is not turned into bytes here: use TextEncoder')
    return Uint8Array.from(source)
  },

  alloc(length: number): Uint8Array {
    return new Uint8Array(length)
  },
}

export { ByteBuffer as Buffer }
