import { BYTES_PER_PIXEL, type Image, packPixel, pixelView } from './image.ts'

/** A size in pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** The size that is at most `width` wide and keeps the aspect of `size`. Never larger than `size`, never empty. */
export function fitWidth(size: Size, width: number): Size {
  if (size.width <= width) return { width: size.width, height: size.height }
  return { width, height: Math.max(1, Math.round((size.height * width) / size.width)) }
}

/** What a pixel of the result covers of a line of the source: pixels from `first` on, with weights that add up to 1. */
interface Cover {
  readonly first: number
  readonly weights: readonly number[]
}

/** Covers for a line of `from` pixels scaled to `to`. A pixel that lies across a boundary counts on both sides, by its parts. */
function covers(from: number, to: number): readonly Cover[] {
  const scale = from / to
  return Array.from({ length: to }, (_, i) => {
    const [start, end] = [i * scale, (i + 1) * scale]
    const first = Math.floor(start)
    // Of an end that is a whole number but for rounding, nothing is left to cover.
    const length = Math.max(1, Math.min(from, Math.ceil(end - 1e-9)) - first)
    const parts = Array.from({ length }, (_, k) => Math.min(first + k + 1, end) - Math.max(first + k, start))
    const whole = parts.reduce((sum, part) => sum + part, 0)
    return { first, weights: parts.map((part) => part / whole) }
  })
}

/**
 * Scales an image by area averaging: a pixel of the result is the mean of the area that it covers, each source pixel
 * weighted by the part of it inside. For making an image smaller this is free of aliasing. The result is opaque.
 *
 * @param size Both sides at least 1.
 */
export function resize(image: Image, size: Size): Image {
  const columns = covers(image.width, size.width)
  const rows = covers(image.height, size.height)
  const result: Image = { ...size, data: new Uint8Array(size.width * size.height * BYTES_PER_PIXEL) }
  const pixels = pixelView(result)
  let at = 0
  for (const row of rows) {
    for (const column of columns) {
      pixels.setUint32(at, mean(image, column, row))
      at += BYTES_PER_PIXEL
    }
  }
  return result
}

/**
 * The mean colour of an area, packed.
 *
 * Loops count and nothing global is used: in a compartment an iterator, or a look at a global, costs as much as several
 * pixels.
 */
function mean({ data, width }: Image, column: Cover, row: Cover): number {
  const across = column.weights
  const down = row.weights
  let red = 0.5
  let green = 0.5
  let blue = 0.5
  for (let y = 0; y < down.length; y++) {
    let at = ((row.first + y) * width + column.first) * BYTES_PER_PIXEL
    for (let x = 0; x < across.length; x++) {
      const weight = (down[y] ?? 0) * (across[x] ?? 0)
      red += weight * (data[at] ?? 0)
      green += weight * (data[at + 1] ?? 0)
      blue += weight * (data[at + 2] ?? 0)
      at += BYTES_PER_PIXEL
    }
  }
  // Packing cuts off what is behind the point; the half that each sum began with makes that rounding.
  return packPixel(red, green, blue, 255)
}
