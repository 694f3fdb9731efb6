import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeJpeg, encodeJpeg, JPEG_LIMITS } from '../../video-moderation/realms/jpeg.ts'
import { readJpegHeader } from '../../video-moderation/realms/jpeg-header.ts'
import { clipBytes, goodClip, goodImage, paint } from './clip.ts'

const gradient = paint(40, 24, (x, y) => [x * 6, y * 10, 128])
const good = encodeJpeg(gradient, 90)
const real = goodClip(clipBytes).frames[30]!

/** Offset of the first marker. */
const marker = (bytes: Uint8Array, code: number): number => Buffer.from(bytes).indexOf(Buffer.of(0xff, code))
const frameHeader = marker(good, 0xc0)

function patched(at: number, ...values: number[]): Uint8Array {
  const copy = good.slice()
  copy.set(values, at)
  return copy
}

const reasonOf = (bytes: Uint8Array, limits = JPEG_LIMITS): string => {
  const result = decodeJpeg(bytes, limits)
  return result.kind === 'refused' ? result.reason : 'accepted'
}

test('a picture that was encoded and decoded differs little from what it was', () => {
  const { width, height, data } = goodImage(good)
  expect({ width, height }).toEqual({ width: 40, height: 24 })
  const difference = data.reduce((sum, value, i) => sum + Math.abs(value - gradient.data[i]!), 0) / data.length
  expect(difference).toBeLessThan(3)
})

test('a lower quality makes a smaller file', () => {
  const picture = goodImage(real)
  expect(encodeJpeg(picture, 30).length).toBeLessThan(encodeJpeg(picture, 80).length / 1.5)
})

test('an image whose bytes are not those of its size cannot be encoded', () => {
  expect(() => encodeJpeg({ width: 8, height: 8, data: new Uint8Array(3) }, 75)).toThrow(RangeError)
})

test('the header of a frame of the clip is read without decoding it', () => {
  expect(readJpegHeader(real)).toEqual({ kind: 'header', width: 320, height: 240, components: 3 })
})

describe('a malformed JPEG is refused', () => {
  const scan = marker(good, 0xda)
  test.each([
    ['nothing', new Uint8Array(), /not a JPEG/],
    ['text', new TextEncoder().encode('not a picture'), /not a JPEG/],
    ['only a beginning', Uint8Array.of(0xff, 0xd8), /cut off/],
    ['only a beginning and an end', Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), /without a picture/],
    ['a picture cut off in its data', good.subarray(0, good.length - 40), /cut off/],
    ['a picture cut off in its tables', good.subarray(0, frameHeader - 3), /cut off/],
    ['a progressive picture', patched(frameHeader + 1, 0xc2), /baseline/],
    ['an arithmetic picture', patched(frameHeader + 1, 0xc9), /baseline/],
    ['twelve bits a sample', patched(frameHeader + 4, 12), /precision/],
    ['a picture without height', patched(frameHeader + 5, 0, 0), /without a size/],
    ['four components', patched(frameHeader + 9, 4), /4 components/],
    ['sampling factors of zero', patched(frameHeader + 11, 0), /sampling/],
    ['a sampling factor of five', patched(frameHeader + 11, 0x51), /sampling/],
    ['sampling factors of fifteen', patched(frameHeader + 11, 0xff), /sampling/],
    [
      'a size that the memory is not made for',
      patched(frameHeader + 5, 0xff, 0xff, 0xff, 0xff),
      /65535x65535, more than/,
    ],
    ['a second frame', new Uint8Array([...good.slice(0, -2), ...good.slice(frameHeader)]), /more than one frame/],
    ['a scan that comes before its frame', patched(frameHeader + 1, 0xee), /scan before/],
    ['a scan of no such component', patched(scan + 5, 77), /malformed/],
    ['no Huffman tables', patched(marker(good, 0xc4) + 1, 0xee), /malformed/],
    [
      'more scans than components',
      new Uint8Array([...good.slice(0, -2), ...scans(good, scan, 3), 0xff, 0xd9]),
      /scans/,
    ],
  ])('%s', (_, bytes, reason) => {
    expect(reasonOf(bytes)).toMatch(reason)
  })

  function scans(bytes: Uint8Array, from: number, count: number): number[] {
    return Array.from({ length: count }, () => [...bytes.slice(from, -2)]).flat()
  }
})

test('bytes and pixels are bounded, and what is just within the bounds is decoded', () => {
  const limits = { bytes: good.length, pixels: 40 * 24 }
  expect(reasonOf(good, limits)).toBe('accepted')
  expect(reasonOf(good, { ...limits, bytes: good.length - 1 })).toMatch(/more than/)
  expect(reasonOf(good, { ...limits, pixels: 40 * 24 - 1 })).toMatch(/more than/)
})

test('every damaged JPEG is answered with a picture of the size in its header or a refusal', () => {
  const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(damage, fc.nat(good.length), fc.boolean(), (changes, length, whole) => {
      const bytes = good.slice(0, whole ? good.length : length)
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
      const result = decodeJpeg(bytes, { ...JPEG_LIMITS, pixels: 100_000 })
      if (result.kind === 'refused') {
        expect(result.reason).toMatch(/^[ -~]{1,80}$/)
        return
      }
      expect(readJpegHeader(bytes)).toMatchObject({ width: result.image.width, height: result.image.height })
      expect(result.image.data.length).toBe(result.image.width * result.image.height * 4)
    }),
    { numRuns: 400 },
  )
})
