/** A picture in memory: rows from the top, four bytes a pixel (red, green, blue, alpha), no padding. */
export interface Image {
  readonly width: number
  readonly height: number
  /** `width * height * 4` bytes. */
  readonly data: Uint8Array
}

/** An area of an image in pixels; `x` and `y` are its upper left corner. */
export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const BYTES_PER_PIXEL = 4

/**
 * Views the pixels of an image for whole-pixel stores.
 *
 * One `setUint32` stores a pixel at once, and in a compartment with frozen prototypes it is also an order of magnitude
 * faster than a store by index into a typed array.
 */
export const pixelView = (image: Image): DataView =>
  new DataView(image.data.buffer, image.data.byteOffset, image.data.byteLength)

/** Four channels as the big-endian word that {@link pixelView} stores. Channels are from 0 up to 256, and lose what is behind the point. */
export const packPixel = (red: number, green: number, blue: number, alpha: number): number =>
  ((red << 24) | (green << 16) | (blue << 8) | alpha) >>> 0
