/** What an image begins with. */
export const IMAGE_MAGIC = 'mica-pe1'
const HEADER_SIZE = 16
/** Longest image a PE fetches, in bytes. */
export const MAX_IMAGE_SIZE: number = 8 * 2 ** 20

/**
 * Packs a script into an image, the file whose granules are measured: magic, length of the source (32 bits), zero (32
 * bits), UTF-8 source; then zeroes up to whole granules.
 *
 * @throws RangeError when the image would be larger than a PE fetches.
 */
export function packImage(script: string): Uint8Array {
  const encoder = new TextEncoder()
  const source = encoder.encode(script)
  if (HEADER_SIZE + source.length > MAX_IMAGE_SIZE) {
    throw new RangeError(`an image has at most ${MAX_IMAGE_SIZE} bytes, this script has ${source.length}`)
  }
  const image = new Uint8Array(Math.ceil((HEADER_SIZE + source.length) / 4096) * 4096)
  image.set(encoder.encode(IMAGE_MAGIC))
  new DataView(image.buffer).setUint32(8, source.length, true)
  image.set(source, HEADER_SIZE)
  return image
}
