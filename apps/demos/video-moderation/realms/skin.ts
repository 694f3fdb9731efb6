import { BYTES_PER_PIXEL, type Image, type Rectangle } from './image.ts'

/** How regions are told from specks. */
export interface SkinOptions {
  /** Side in pixels of the squares of the grid on which regions grow. */
  readonly side: number
  /** Part of a square that has to have the colour of skin for the square to count, above 0 and up to 1. */
  readonly density: number
  /** Part of the image that a region has to cover, in squares, to be reported, 0 to 1. */
  readonly share: number
}

/**
 * Measured on the demo's clip at 160x120: the largest region of a frame covers 22 to 47 % where a face is shown, 10 to
 * 17 % where a wooden table is, at most 4.0 % on a floodlit rocket and 0.4 % on a field of stars. The share lies between.
 */
export const SKIN_OPTIONS: SkinOptions = { side: 4, density: 0.5, share: 0.06 }

/** What was found in an image. */
export interface SkinFindings {
  /** The bounding boxes of the regions, from the top left on; they may overlap. */
  readonly regions: readonly Rectangle[]
  /** Pixels of the colour of skin in the whole image, in regions or not. */
  readonly pixels: number
}

/**
 * Whether a colour is one that human skin has in a photograph. Channels from 0 to 255.
 *
 * Two published rules have to agree: that of Kovač, Peer and Solina for uniform daylight, in RGB, and the range of
 * chrominance of Chai and Ngan, 77 <= Cb <= 127 and 133 <= Cr <= 173. The first alone takes strong reds for skin, the
 * second alone greys. Neither can tell skin from wood, sand or cream: this is a rule about colour and finds no people.
 *
 * @see J. Kovač, P. Peer, F. Solina, "Human skin colour clustering for face detection", EUROCON 2003
 * @see D. Chai, K. N. Ngan, "Face segmentation using skin-color map in videophone applications", IEEE TCSVT 9(4), 1999
 */
export function isSkin(red: number, green: number, blue: number): boolean {
  if (!(red > 95 && green > 40 && blue > 20 && red > green && red > blue)) return false
  // Red is the largest, so this is also the rule's spread between the largest and the smallest.
  if (!(red - green > 15)) return false
  // ITU-T T.871 (JFIF): the conversion that the decoder undid.
  const cb = 128 - 0.168736 * red - 0.331264 * green + 0.5 * blue
  const cr = 128 + 0.5 * red - 0.418688 * green - 0.081312 * blue
  return cb >= 77 && cb <= 127 && cr >= 133 && cr <= 173
}

/** Finds the regions of an image that have the colour of skin. */
export function findSkin(image: Image, options: SkinOptions = SKIN_OPTIONS): SkinFindings {
  const columns = Math.ceil(image.width / options.side)
  const rows = Math.ceil(image.height / options.side)
  /** 1 for a square that counts and belongs to no region yet. */
  const grid = new Uint8Array(columns * rows)
  let pixels = 0
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const square = cut(image, column * options.side, row * options.side, options.side, options.side)
      const found = countSkin(image, square)
      pixels += found
      if (found >= options.density * square.width * square.height) grid[row * columns + column] = 1
    }
  }
  const regions: Rectangle[] = []
  for (let start = grid.indexOf(1); start >= 0; start = grid.indexOf(1, start + 1)) {
    const { squares, left, top, right, bottom } = takeRegion(grid, columns, start)
    if (squares < options.share * columns * rows) continue
    const width = (right - left + 1) * options.side
    const height = (bottom - top + 1) * options.side
    regions.push(cut(image, left * options.side, top * options.side, width, height))
  }
  return { regions, pixels }
}

/** A rectangle whose corner lies in the image, without the part that lies outside. */
function cut(image: Image, x: number, y: number, width: number, height: number): Rectangle {
  return { x, y, width: Math.min(width, image.width - x), height: Math.min(height, image.height - y) }
}

function countSkin(image: Image, area: Rectangle): number {
  const { data, width } = image
  let count = 0
  for (let y = area.y; y < area.y + area.height; y++) {
    for (let x = area.x; x < area.x + area.width; x++) {
      const at = (y * width + x) * BYTES_PER_PIXEL
      if (isSkin(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0)) count++
    }
  }
  return count
}

/** Takes the squares that touch `start`, side to side, out of the grid, and says how many they were and how far they reached. */
function takeRegion(grid: Uint8Array, columns: number, start: number) {
  const region = { squares: 0, left: columns, top: grid.length, right: 0, bottom: 0 }
  const pending = [start]
  grid[start] = 0
  for (let square = pending.pop(); square !== undefined; square = pending.pop()) {
    const column = square % columns
    const row = (square - column) / columns
    region.squares++
    region.left = Math.min(region.left, column)
    region.right = Math.max(region.right, column)
    region.top = Math.min(region.top, row)
    region.bottom = Math.max(region.bottom, row)
    for (const next of [
      column > 0 ? square - 1 : -1,
      column + 1 < columns ? square + 1 : -1,
      square - columns,
      square + columns,
    ]) {
      // A square outside the grid reads as undefined, one already taken as 0.
      if (grid[next] !== 1) continue
      grid[next] = 0
      pending.push(next)
    }
  }
  return region
}
