import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Image, Rectangle } from '../../video-moderation/realms/image.ts'
import { pixelate } from '../../video-moderation/realms/pixelate.ts'
import { fitWidth, resize } from '../../video-moderation/realms/resize.ts'
import { findSkin, isSkin } from '../../video-moderation/realms/skin.ts'
import { clipBytes, goodClip, goodImage, paint, SCENES } from './clip.ts'

const pixel = (image: Image, x: number, y: number): number[] => [
  ...image.data.slice((y * image.width + x) * 4).slice(0, 3),
]

/** How many colours there are in an area: how much there is to tell one part of it from another. */
function colours(image: Image, { x, y, width, height }: Rectangle): number {
  const seen = new Set<string>()
  for (let row = y; row < y + height; row++) {
    for (let column = x; column < x + width; column++) seen.add(pixel(image, column, row).join())
  }
  return seen.size
}

describe('resize', () => {
  test('makes each pixel the mean of the area that it covers', () => {
    const quarters = paint(4, 2, (x, y) => [x * 10 + y * 100, x < 2 ? 0 : 200, 7])
    const half = resize(quarters, { width: 2, height: 1 })
    expect([pixel(half, 0, 0), pixel(half, 1, 0)]).toEqual([
      [55, 0, 7],
      [75, 200, 7],
    ])
  })

  test('counts a pixel that lies across a boundary on both sides, by its parts', () => {
    const thirds = paint(3, 1, (x) => [[0, 90, 240][x]!, 0, 0])
    const halves = resize(thirds, { width: 2, height: 1 })
    // The first covers one and a half pixels: (0 + 90 / 2) / 1.5.
    expect([pixel(halves, 0, 0)[0], pixel(halves, 1, 0)[0]]).toEqual([30, 190])
  })

  test('keeps one colour as it is, whatever the sizes', () => {
    const side = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(side, side, side, side, fc.nat(255), (width, height, toWidth, toHeight, value) => {
        const result = resize(
          paint(width, height, () => [value, 255 - value, 9]),
          { width: toWidth, height: toHeight },
        )
        expect(result).toEqual(paint(toWidth, toHeight, () => [value, 255 - value, 9]))
      }),
      { numRuns: 50 },
    )
  })

  test('a width to fit keeps the aspect, enlarges nothing and leaves something', () => {
    expect(fitWidth({ width: 320, height: 240 }, 160)).toEqual({ width: 160, height: 120 })
    expect(fitWidth({ width: 100, height: 50 }, 160)).toEqual({ width: 100, height: 50 })
    expect(fitWidth({ width: 4000, height: 2 }, 160)).toEqual({ width: 160, height: 1 })
  })
})

describe('pixelate', () => {
  const area = { x: 3, y: 2, width: 20, height: 13 }
  const noise = (): Image =>
    paint(40, 30, (x, y) => [(x * 97 + y * 31) % 256, (x * y * 7) % 256, (x * 13 + y * 57) % 256])

  test('leaves one colour in each square, the mean of what was there', () => {
    const before = noise()
    const after = noise()
    pixelate(after, area, 8)
    const square = { x: 11, y: 2, width: 8, height: 8 }
    const sum = [0, 0, 0]
    for (let i = 0; i < 64; i++) {
      const colour = pixel(before, square.x + (i % 8), square.y + Math.floor(i / 8))
      for (const channel of [0, 1, 2]) sum[channel]! += colour[channel]!
    }
    for (let i = 0; i < 64; i++) {
      expect(pixel(after, square.x + (i % 8), square.y + Math.floor(i / 8))).toEqual(sum.map((s) => Math.round(s / 64)))
    }
  })

  test('changes nothing outside the area', () => {
    const [before, after] = [noise(), noise()]
    pixelate(after, area, 8)
    for (let y = 0; y < 30; y++) {
      for (let x = 0; x < 40; x++) {
        if (x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height) continue
        expect(pixel(after, x, y)).toEqual(pixel(before, x, y))
      }
    }
  })

  test('makes pictures that differ only in detail alike, so that the detail cannot be had back', () => {
    // Two squares of the same mean: a fine pattern and its negative.
    const pattern = paint(16, 16, (x, y) => ((x + y) % 2 === 0 ? [200, 100, 50] : [100, 200, 150]))
    const negative = paint(16, 16, (x, y) => ((x + y) % 2 === 0 ? [100, 200, 150] : [200, 100, 50]))
    expect(pattern).not.toEqual(negative)
    for (const image of [pattern, negative]) pixelate(image, { x: 0, y: 0, width: 16, height: 16 }, 8)
    expect(pattern).toEqual(negative)
  })

  test('takes an area that reaches out of the image, and any side of a square', () => {
    const coordinate = fc.integer({ min: -50, max: 50 })
    const size = fc.integer({ min: 0, max: 100 })
    const anywhere = fc.record({ x: coordinate, y: coordinate, width: size, height: size })
    fc.assert(
      fc.property(anywhere, fc.integer({ min: 1, max: 60 }), (rectangle, side) => {
        const image = paint(20, 10, () => [1, 2, 3])
        pixelate(image, rectangle, side)
        expect(image).toEqual(paint(20, 10, () => [1, 2, 3]))
      }),
    )
  })
})

describe('skin', () => {
  test('colours of skin are told from red, brick, grey, blue, and from light too dim to say', () => {
    const skin = [
      [224, 172, 140],
      [198, 134, 102],
      [141, 85, 60],
      [255, 219, 190],
    ] as const
    const others = [
      [255, 0, 0],
      [200, 60, 30],
      [128, 128, 128],
      [40, 70, 200],
      [60, 40, 30],
      [90, 160, 80],
      [255, 255, 255],
    ] as const
    const skinny = ([red, green, blue]: readonly [number, number, number]): boolean => isSkin(red, green, blue)
    for (const colour of skin) expect([colour, skinny(colour)]).toEqual([colour, true])
    for (const colour of others) expect([colour, skinny(colour)]).toEqual([colour, false])
  })

  const face = [205, 150, 125] as const
  const inside = (x: number, y: number): boolean => x >= 40 && x < 80 && y >= 20 && y < 60

  test('a patch of skin is one region, and its box lies tightly around it', () => {
    const image = paint(160, 120, (x, y) => (inside(x, y) ? face : [30, 60, 120]))
    expect(findSkin(image)).toEqual({ regions: [{ x: 40, y: 20, width: 40, height: 40 }], pixels: 1600 })
  })

  test('two patches that do not touch are two regions', () => {
    const image = paint(160, 120, (x, y) => (inside(x, y) || inside(x - 60, y - 50) ? face : [30, 60, 120]))
    expect(findSkin(image).regions).toHaveLength(2)
  })

  test('patches at opposite sides do not touch, though one row ends where the next begins', () => {
    const besides = (x: number): boolean => x < 40 || x >= 120
    const oneAfterTheOther = (x: number, y: number): boolean => (x >= 120 && y < 60) || (x < 40 && y >= 60)
    for (const patch of [besides, oneAfterTheOther]) {
      expect(findSkin(paint(160, 120, (x, y) => (patch(x, y) ? face : [30, 60, 120]))).regions).toHaveLength(2)
    }
  })

  test('specks are counted and not reported, however many', () => {
    const image = paint(160, 120, (x, y) => (x % 8 === 0 && y % 8 === 0 ? face : [30, 60, 120]))
    expect(findSkin(image)).toEqual({ regions: [], pixels: 20 * 15 })
  })

  test('regions at the far sides end with the image', () => {
    const { regions } = findSkin(paint(50, 33, () => face))
    expect(regions).toEqual([{ x: 0, y: 0, width: 50, height: 33 }])
  })
})

describe('in the clip', () => {
  const small = goodClip(clipBytes).frames.map((jpeg) => resize(goodImage(jpeg), { width: 160, height: 120 }))
  const scene = (name: keyof typeof SCENES): readonly Image[] => small.slice(...SCENES[name])

  test('every frame of the astronaut has one region, and it holds her face', () => {
    for (const image of scene('astronaut')) {
      const { regions } = findSkin(image)
      expect(regions).toHaveLength(1)
      const [{ x, y, width, height }] = regions as [(typeof regions)[number]]
      expect(x < 60 && x + width > 90 && y < 45 && y + height > 70).toBe(true)
    }
  })

  test('no frame of the rocket or of the galaxies has a region', () => {
    for (const image of [...scene('rocket'), ...scene('galaxies')]) expect(findSkin(image).regions).toEqual([])
  })

  test('wood has the colour of skin: this rule cannot tell them apart', () => {
    for (const image of scene('coffee')) expect(findSkin(image).regions.length).toBeGreaterThan(0)
  })

  test('pixelation leaves of the face no more than a colour for each square', () => {
    const image = small[48]!
    const [region] = findSkin(image).regions
    const squares = Math.ceil(region!.width / 16) * Math.ceil(region!.height / 16)
    expect(colours(image, region!)).toBeGreaterThan(100 * squares)
    pixelate(image, region!, 16)
    expect(colours(image, region!)).toBeLessThanOrEqual(squares)
  })
})
