import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AVI_LIMITS, readAvi } from '../../video-moderation/realms/avi.ts'
import { writeAvi } from '../../video-moderation/realms/avi-writer.ts'
import { clipBytes, goodClip, goodImage } from './clip.ts'

const small = { width: 16, height: 8, microsecondsPerFrame: 40_000 }
const frames = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5), Uint8Array.of(6, 7, 8, 9, 10)]
const smallClip = writeAvi({ ...small, frames })

/** Offset of a four-character code. */
const find = (bytes: Uint8Array, code: string, from = 0): number => Buffer.from(bytes).indexOf(code, from, 'latin1')

/** A copy with one 32-bit word replaced. */
function patched(bytes: Uint8Array, at: number, word: number | string): Uint8Array {
  const copy = bytes.slice()
  if (typeof word === 'string') copy.set(Buffer.from(word, 'latin1'), at)
  else new DataView(copy.buffer).setUint32(at, word, true)
  return copy
}

const reasonOf = (bytes: Uint8Array, limits = AVI_LIMITS): string => {
  const result = readAvi(bytes, limits)
  return result.kind === 'refused' ? result.reason : 'accepted'
}

describe('the clip of the demo', () => {
  const clip = goodClip(clipBytes)

  test('has 120 frames of 320x240, twelve a second', () => {
    expect(clip).toMatchObject({ width: 320, height: 240, microsecondsPerFrame: 83_333 })
    expect(clip.frames).toHaveLength(120)
  })

  test('holds in every frame a JPEG of the size that its header says', () => {
    for (const frame of clip.frames) expect(goodImage(frame)).toMatchObject({ width: 320, height: 240 })
  })

  test('is the same clip after it was written and read again', () => {
    const again = goodClip(writeAvi(clip))
    expect({ ...again, frames: [] }).toEqual({ ...clip, frames: [] })
    expect(again.frames.every((frame, i) => Buffer.compare(frame, clip.frames[i]!) === 0)).toBe(true)
  })
})

describe('the writer', () => {
  test('keeps every clip: what is read back is what was written', () => {
    const frame = fc.uint8Array({ minLength: 1, maxLength: 40 })
    const clip = fc.record({
      width: fc.integer({ min: 1, max: AVI_LIMITS.width }),
      height: fc.integer({ min: 1, max: AVI_LIMITS.height }),
      microsecondsPerFrame: fc.integer({ min: 1_000, max: 10_000_000 }),
      frames: fc.array(frame, { minLength: 1, maxLength: 12 }),
    })
    fc.assert(
      fc.property(clip, (written) => {
        expect(readAvi(writeAvi(written))).toEqual({ kind: 'clip', ...written })
      }),
    )
  })

  test('fills the file exactly, and its sizes nest', () => {
    const view = new DataView(smallClip.buffer)
    const movie = find(smallClip, 'movi')
    const index = find(smallClip, 'idx1')
    expect(view.getUint32(4, true)).toBe(smallClip.length - 8)
    expect(movie + view.getUint32(movie - 4, true)).toBe(index)
    expect(index + 8 + view.getUint32(index + 4, true)).toBe(smallClip.length)
  })

  test('puts into the index where each frame lies, counted from `movi`', () => {
    const view = new DataView(smallClip.buffer)
    const movie = find(smallClip, 'movi')
    const index = find(smallClip, 'idx1') + 8
    for (const [i, frame] of frames.entries()) {
      const at = movie + view.getUint32(index + 16 * i + 8, true)
      const size = view.getUint32(index + 16 * i + 12, true)
      expect(find(smallClip, '00dc', at)).toBe(at)
      expect(smallClip.slice(at + 8, at + 8 + size)).toEqual(frame)
    }
  })
})

describe('the reader', () => {
  test.each([
    ['nothing', new Uint8Array(), /no AVI file/],
    ['text', new TextEncoder().encode('this is a text, and no clip at all'), /no AVI file/],
    ['a RIFF file that is a sound', patched(smallClip, 8, 'WAVE'), /no AVI file/],
    ['a truncated file', smallClip.subarray(0, smallClip.length - 1), /cut off/],
    ['a file with something behind it', new Uint8Array([...smallClip, 0, 0]), /2 bytes follow/],
    ['a file without headers', patched(smallClip, find(smallClip, 'hdrl'), 'nope'), /frames before its header/],
    ['a file without a list of frames', patched(smallClip, find(smallClip, 'movi'), 'nope'), /no list of frames/],
    ['a file without a video stream', patched(smallClip, find(smallClip, 'vids'), 'auds'), /no video stream/],
    ['another codec', patched(smallClip, find(smallClip, 'MJPG', find(smallClip, 'strf')), 'H264'), /not Motion JPEG/],
    ['a main header that is cut short', patched(smallClip, find(smallClip, 'avih'), 'JUNK'), /main header/],
    ['a stream header that is missing', patched(smallClip, find(smallClip, 'strh'), 'JUNK'), /stream header/],
    ['a video format that is missing', patched(smallClip, find(smallClip, 'strf'), 'JUNK'), /video format/],
    ['a frame that reaches into the index', patched(smallClip, find(smallClip, 'idx1') - 10, 13), /cut off/],
    ['a chunk that reaches out of the file', patched(smallClip, find(smallClip, '00dc') + 4, 0x7fff_ffff), /cut off/],
    ['a picture without width', patched(smallClip, find(smallClip, 'strf') + 12, 0), /0x8 is not between/],
    ['a picture too wide', patched(smallClip, find(smallClip, 'strf') + 12, 5_000), /5000x8 is not between/],
    ['a frame that lasts an hour', patched(smallClip, find(smallClip, 'avih') + 8, 3_600_000_000), /lasts/],
    ['fewer frames than the header says', patched(smallClip, find(smallClip, 'avih') + 24, 7), /says 7 frames/],
    ['no frames at all', writeAvi({ ...small, frames: [] }), /has no frames/],
    ['an empty first frame', writeAvi({ ...small, frames: [new Uint8Array()] }), /first frame of the clip is empty/],
  ])('refuses %s with one line that says so', (_, bytes, reason) => {
    expect(reasonOf(bytes)).toMatch(reason)
    expect(reasonOf(bytes)).not.toContain('\n')
  })

  test('refuses more bytes, frames, or bytes in a frame than its limits allow, and takes what is just within', () => {
    const limits = { ...AVI_LIMITS, bytes: smallClip.length, frames: 3, frameBytes: 5 }
    expect(reasonOf(smallClip, limits)).toBe('accepted')
    expect(reasonOf(smallClip, { ...limits, bytes: smallClip.length - 1 })).toMatch(/at most/)
    expect(reasonOf(smallClip, { ...limits, frames: 2 })).toMatch(/more than 2 frames/)
    expect(reasonOf(smallClip, { ...limits, frameBytes: 4 })).toMatch(/frame 2 has 5 bytes/)
  })

  test('takes an empty frame for a repetition of the one before it', () => {
    const repeated = goodClip(writeAvi({ ...small, frames: [frames[0]!, new Uint8Array(), frames[1]!] }))
    expect(repeated.frames).toEqual([frames[0], frames[0], frames[1]])
  })

  test('passes over streams that are no video, and over chunks that it does not know', () => {
    const first = find(smallClip, '00dc')
    const withSound = patched(patched(smallClip, first, '01wb'), find(smallClip, 'avih') + 24, 2)
    expect(goodClip(withSound).frames).toEqual(frames.slice(1))
  })

  test('answers every damaged clip with a clip within the limits or a refusal, and holds nothing but views of it', () => {
    const damage = fc.array(fc.tuple(fc.nat(smallClip.length - 1), fc.nat(255)), { maxLength: 8 })
    const cut = fc.nat(smallClip.length)
    fc.assert(
      fc.property(damage, cut, fc.boolean(), (changes, length, whole) => {
        const bytes = smallClip.slice(0, whole ? smallClip.length : length)
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        const result = readAvi(bytes)
        if (result.kind === 'refused') {
          expect(result.reason).toMatch(/^[ -~]{1,120}$/)
          return
        }
        expect(result.frames.length).toBeLessThanOrEqual(bytes.length / 8)
        for (const frame of result.frames) expect(frame.buffer).toBe(bytes.buffer)
      }),
      { numRuns: 1_000 },
    )
  })

  test('answers words of every size in every place of the header', () => {
    const words = [0, 1, 7, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff]
    for (let at = 0; at < smallClip.length - 4; at++) {
      for (const word of words) expect(readAvi(patched(smallClip, at, word)).kind).toMatch(/clip|refused/)
    }
  })

  test('answers bytes of chance', () => {
    const form = new TextEncoder().encode('RIFF____AVI ')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, looksReal) => {
        const bytes = looksReal ? new Uint8Array([...form, ...noise]) : noise
        if (looksReal) new DataView(bytes.buffer).setUint32(4, bytes.length - 8, true)
        expect(readAvi(bytes).kind).toBe('refused')
      }),
    )
  })
})
