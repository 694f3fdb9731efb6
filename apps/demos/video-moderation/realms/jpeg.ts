import jpeg from 'jpeg-js'
import { BYTES_PER_PIXEL, type Image } from './image.ts'
import { readJpegHeader } from './jpeg-header.ts'
import { type Refusal, refused } from './refusal.ts'

/** A decoded picture. */
export interface DecodedJpeg {
  readonly kind: 'image'
  readonly image: Image
}

/** What is decoded at most. */
export interface JpegLimits {
  readonly bytes: number
  readonly pixels: number
}

export const JPEG_LIMITS: JpegLimits = { bytes: 0x1_8000, pixels: 1920 * 1088 }

/**
 * Memory that the decoder may use, in MiB. It needs about 22 bytes a pixel at full chroma: coefficients, samples, and
 * the picture twice.
 */
const DECODER_MEMORY_MIB = 64

/**
 * Decodes a baseline JPEG, trusting no byte of it.
 *
 * @returns In order: a refusal when it has too many bytes, does not pass {@link readJpegHeader}, has too many pixels, or
 *   when the decoder finds it malformed.
 */
export function decodeJpeg(bytes: Uint8Array, limits: JpegLimits = JPEG_LIMITS): DecodedJpeg | Refusal {
  if (bytes.length > limits.bytes) return refused(`a JPEG of ${bytes.length} bytes, more than ${limits.bytes}`)
  const header = readJpegHeader(bytes)
  if (header.kind === 'refused') return header
  const { width, height } = header
  if (width * height > limits.pixels) return refused(`a JPEG of ${width}x${height}, more than ${limits.pixels} pixels`)
  try {
    const { data, ...size } = jpeg.decode(bytes, {
      useTArray: true,
      tolerantDecoding: false,
      // The picture's own bound is checked above; megapixels are too coarse for it.
      maxResolutionInMP: Math.ceil(limits.pixels / 1e6),
      maxMemoryUsageInMB: DECODER_MEMORY_MIB,
    })
    const whole = size.width === width && size.height === height && data.length === width * height * BYTES_PER_PIXEL
    return whole ? { kind: 'image', image: { width, height, data } } : refused('a malformed JPEG')
  } catch {
    // The library reports malformed input by throwing, at times as a TypeError; its words are not for a user.
    return refused('a malformed JPEG')
  }
}

/**
 * Encodes a picture as a baseline JPEG with full chroma. Alpha is not kept.
 *
 * @param quality 1 to 100, on the scale of the Independent JPEG Group.
 * @throws RangeError when the image does not have the bytes that its size says, or is larger than a JPEG can be.
 */
export function encodeJpeg(image: Image, quality: number): Uint8Array {
  const { width, height, data } = image
  if (data.length !== width * height * BYTES_PER_PIXEL || width < 1 || height < 1 || Math.max(width, height) > 65_535) {
    throw new RangeError(`an image of ${width}x${height} cannot have ${data.length} bytes`)
  }
  // Copied, since what the library returns may be a window into a pool of the platform.
  return new Uint8Array(jpeg.encode({ width, height, data }, quality).data)
}
