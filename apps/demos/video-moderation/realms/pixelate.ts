import { BYTES_PER_PIXEL, type Image, packPixel, pixelView, type Rectangle } from './image.ts'

/**
 * Replaces an area of an image, in place, by squares of one colour each: the mean of what the square covered.
 *
 * What is left of an area is one colour for each square; the detail inside it cannot be had back. Squares are counted
 * from the corner of the area, and cut at its far sides.
 *
 * @param area The part outside the image is left out.
 * @param side Of a square in pixels, at least 1.
 */
export function pixelate(image: Image, area: Rectangle, side: number): void {
  const pixels = pixelView(image)
  const top = Math.max(0, area.y)
  const left = Math.max(0, area.x)
  const bottom = Math.min(image.height, area.y + area.height)
  const right = Math.min(image.width, area.x + area.width)
  for (let y = top; y < bottom; y += side) {
    for (let x = left; x < right; x += side) {
      fillWithMean(pixels, image.width, x, y, Math.min(x + side, right), Math.min(y + side, bottom))
    }
  }
}

function fillWithMean(
  pixels: DataView,
  lineWidth: number,
  left: number,
  top: number,
  right: number,
  bottom: number,
): void {
  let red = 0
  let green = 0
  let blue = 0
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const pixel = pixels.getUint32((y * lineWidth + x) * BYTES_PER_PIXEL)
      red += pixel >>> 24
      green += (pixel >>> 16) & 255
      blue += (pixel >>> 8) & 255
    }
  }
  const count = (right - left) * (bottom - top)
  const mean = packPixel(red / count + 0.5, green / count + 0.5, blue / count + 0.5, 255)
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) pixels.setUint32((y * lineWidth + x) * BYTES_PER_PIXEL, mean)
  }
}
