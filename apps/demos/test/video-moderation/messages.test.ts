import { type Codec, cborOf } from '@mica/realm-sdk'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeJpeg } from '../../video-moderation/realms/jpeg.ts'
import { readJpegHeader } from '../../video-moderation/realms/jpeg-header.ts'
import { isCleanMessage, isCodedMessage, isRawMessage, MESSAGE_LIMITS } from '../../video-moderation/realms/messages.ts'
import { moderate } from '../../video-moderation/realms/moderate.ts'
import { recode } from '../../video-moderation/realms/recode.ts'
import { clipBytes, goodClip, goodImage, paint } from './clip.ts'

const clip = goodClip(clipBytes)
const astronaut = { index: 40, jpeg: clip.frames[40]! }
const galaxies = { index: 110, jpeg: clip.frames[110]! }

test('the encoder makes a frame smaller and keeps its number', () => {
  const coded = recode(astronaut)
  expect(coded.index).toBe(40)
  if (!('jpeg' in coded)) throw new Error(coded.unreadable)
  expect(readJpegHeader(coded.jpeg)).toMatchObject({ width: 160, height: 120 })
  expect(coded.jpeg.length).toBeLessThan(astronaut.jpeg.length)
})

test('the moderator pixelates the astronaut and says where', () => {
  const clean = moderate(recode(astronaut))
  if (!('report' in clean)) throw new Error('no report')
  expect(clean).toMatchObject({ index: 40, report: { pixelated: true } })
  const [region] = clean.report.regions
  const image = goodImage(clean.jpeg)
  // Within a square there is one colour, give or take what JPEG makes of it.
  const at = (x: number, y: number): number => image.data[(y * image.width + x) * 4]!
  const differences = [3, 5, 7, 9].map((d) =>
    Math.abs(at(region!.x + 18 + d, region!.y + 20) - at(region!.x + 20, region!.y + 20)),
  )
  expect(Math.max(...differences)).toBeLessThan(12)
})

test('the moderator leaves a frame without skin as it was, and says so', () => {
  const clean = moderate(recode(galaxies))
  expect(clean).toMatchObject({ index: 110, report: { regions: [], pixelated: false } })
})

test('a frame that is no picture is passed on as unreadable, with the reason, by everyone after', () => {
  const coded = recode({ index: 3, jpeg: Uint8Array.of(1, 2, 3) })
  expect(coded).toEqual({ index: 3, unreadable: 'not a JPEG' })
  expect(moderate(coded)).toEqual(coded)
  expect(moderate({ index: 4, jpeg: Uint8Array.of(1, 2, 3) })).toEqual({ index: 4, unreadable: 'not a JPEG' })
})

/** What arrives of a message. On Node its bytes come as a Buffer, which is a Uint8Array by another name. */
function received<T extends object>(codec: Codec<T>, message: T): unknown {
  const value = codec.decode(codec.encode(message))?.value
  return value !== undefined && 'jpeg' in value ? { ...value, jpeg: Uint8Array.from(value.jpeg as Uint8Array) } : value
}

test('what each Realm makes is what the next one accepts, through CBOR', () => {
  const raw = cborOf(isRawMessage)
  const coded = cborOf(isCodedMessage)
  const clean = cborOf(isCleanMessage)
  for (const frame of [astronaut, galaxies, { index: 0, jpeg: Uint8Array.of(0) }]) {
    expect(received(raw, frame)).toEqual(frame)
    const recoded = recode(frame)
    expect(received(coded, recoded)).toEqual(recoded)
    const moderated = moderate(recoded)
    expect(received(clean, moderated)).toEqual(moderated)
  }
})

const report = { regions: [{ x: 0, y: 0, width: 1, height: 1 }], share: 0.5, pixelated: true }
const jpeg = encodeJpeg(
  paint(8, 8, () => [1, 2, 3]),
  75,
)

test('a frame without its report is not accepted from the moderator', () => {
  expect(isCleanMessage({ index: 0, jpeg, report })).toBe(true)
  expect(isCleanMessage({ index: 0, jpeg })).toBe(false)
})

test.each([
  ['a number that is negative', { index: -1, jpeg, report }],
  ['a number that is no integer', { index: 0.5, jpeg, report }],
  ['a number past every clip', { index: MESSAGE_LIMITS.frames, jpeg, report }],
  ['text in the place of a JPEG', { index: 0, jpeg: 'jpeg', report }],
  ['an empty JPEG', { index: 0, jpeg: new Uint8Array(), report }],
  ['a JPEG too large', { index: 0, jpeg: new Uint8Array(MESSAGE_LIMITS.jpegBytes + 1), report }],
  ['a share above one', { index: 0, jpeg, report: { ...report, share: 1.5 } }],
  ['a share that is no number', { index: 0, jpeg, report: { ...report, share: Number.NaN } }],
  [
    'a region with a negative side',
    { index: 0, jpeg, report: { ...report, regions: [{ x: 0, y: 0, width: -1, height: 1 }] } },
  ],
  ['too many regions', { index: 0, jpeg, report: { ...report, regions: Array(65).fill(report.regions[0]) } }],
  ['a reason of several lines', { index: 0, unreadable: 'a\nb' }],
  ['an endless reason', { index: 0, unreadable: 'a'.repeat(121) }],
  ['nothing', null],
])('%s is not accepted', (_, message) => {
  expect(isCleanMessage(message)).toBe(false)
})

test('nothing that a sender can put into a message makes a check throw', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      for (const accepts of [isRawMessage, isCodedMessage, isCleanMessage])
        expect(typeof accepts(value)).toBe('boolean')
    }),
  )
})
