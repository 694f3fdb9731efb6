import { type Refusal, refused } from './refusal.ts'

/** What a baseline JPEG says of itself. */
export interface JpegHeader {
  readonly kind: 'header'
  /** In pixels, 1 to 65,535. */
  readonly width: number
  readonly height: number
  /** 1 (grey) or 3 (YCbCr). */
  readonly components: number
}

const START_OF_IMAGE = 0xd8
const END_OF_IMAGE = 0xd9
const START_OF_SCAN = 0xda
const DEFINE_HUFFMAN = 0xc4
/** Frames of sequential Huffman coding: baseline, and extended, which some cameras write with eight bits. */
const BASELINE = 0xc0
const EXTENDED = 0xc1

/** Markers `C0` to `CF` begin a frame of some coding, except for three that define tables. */
const startsFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== DEFINE_HUFFMAN && marker !== 0xc8 && marker !== 0xcc

/** Markers without content: restarts, and `01`, for temporary use. */
const standsAlone = (marker: number): boolean => (marker >= 0xd0 && marker <= 0xd7) || marker === 0x01

/**
 * Walks the markers of a JPEG from the first to the last without decoding anything.
 *
 * It makes sure of what bounds the work of decoding: one frame of sequential coding, its size, its one or three
 * components with sampling factors of at most four, and no more scans than components. A reader that only carries
 * pictures needs no more than this.
 *
 * @returns In order of the file: a refusal for what is no JPEG, is cut off, has another coding, a second frame, an
 *   impossible frame or too many scans.
 * @see ITU-T T.81 (09/92), annex B
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | Refusal {
  if (bytes[0] !== 0xff || bytes[1] !== START_OF_IMAGE) return refused('not a JPEG')
  let header: JpegHeader | undefined
  let scans = 0
  for (let at = 2; ; ) {
    // Between segments stand only fill bytes; within a scan, everything up to the next marker is coded data.
    at = scans === 0 ? at : nextMarker(bytes, at)
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++
    const marker = bytes[at + 1]
    if (marker === undefined) return refused('a JPEG that is cut off')
    if (bytes[at] !== 0xff || marker === 0) return refused('a JPEG with a damaged segment')
    at += 2
    if (marker === END_OF_IMAGE) break
    if (standsAlone(marker)) continue
    const length = segmentLength(bytes, at)
    if (length === undefined) return refused('a JPEG that is cut off')
    if (startsFrame(marker)) {
      if (header !== undefined) return refused('a JPEG with more than one frame')
      if (marker !== BASELINE && marker !== EXTENDED) return refused('a JPEG of another coding than baseline')
      const frame = readFrame(bytes.subarray(at, at + length))
      if (frame.kind === 'refused') return frame
      header = frame
    }
    if (marker === START_OF_SCAN) {
      if (header === undefined) return refused('a JPEG with a scan before its frame')
      if (++scans > header.components) return refused('a JPEG with more scans than components')
    }
    at += length
  }
  return header === undefined || scans === 0 ? refused('a JPEG without a picture') : header
}

/** Offset of the next marker that is not a byte of coded data; past the end when there is none. */
function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 2)) {
    const next = bytes[at + 1]
    if (next === 0xff) return at
    if (next !== undefined && next !== 0 && !standsAlone(next)) return at
  }
  return bytes.length
}

/** Length of a segment with the two bytes that state it; undefined when it does not fit. */
function segmentLength(bytes: Uint8Array, at: number): number | undefined {
  const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  return length < 2 || at + length > bytes.length ? undefined : length
}

function readFrame(segment: Uint8Array): JpegHeader | Refusal {
  const [, , precision, heightHigh = 0, heightLow = 0, widthHigh = 0, widthLow = 0, components = 0] = segment
  const height = (heightHigh << 8) | heightLow
  const width = (widthHigh << 8) | widthLow
  if (precision !== 8) return refused('a JPEG of another precision than 8 bits')
  if (width === 0 || height === 0) return refused('a JPEG without a size')
  if (components !== 1 && components !== 3) return refused(`a JPEG of ${components} components`)
  if (segment.length !== 8 + 3 * components) return refused('a JPEG with a damaged frame header')
  for (let i = 0; i < components; i++) {
    const sampling = segment[9 + 3 * i] ?? 0
    const horizontal = sampling >> 4
    const vertical = sampling & 15
    if (horizontal < 1 || horizontal > 4 || vertical < 1 || vertical > 4) {
      return refused('a JPEG with impossible sampling factors')
    }
  }
  return { kind: 'header', width, height, components }
}
