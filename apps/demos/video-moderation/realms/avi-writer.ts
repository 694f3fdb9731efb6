import { AVI, type Clip } from './avi.ts'
import { CHUNK_HEADER_SIZE, LIST, RIFF, RiffWriter } from './riff.ts'

/** Sizes in bytes of the structures of fixed size, and of everything before the first frame. */
const MAIN_HEADER_SIZE = 56
const STREAM_HEADER_SIZE = 56
const BITMAP_INFO_SIZE = 40
const LIST_HEADER_SIZE = CHUNK_HEADER_SIZE + 4
const HEADERS_SIZE =
  4 * LIST_HEADER_SIZE + 3 * CHUNK_HEADER_SIZE + MAIN_HEADER_SIZE + STREAM_HEADER_SIZE + BITMAP_INFO_SIZE
const INDEX_ENTRY_SIZE = 16

/** Flags of the main header (`AVIF_HASINDEX`) and of an index entry (`AVIIF_KEYFRAME`: every JPEG stands alone). */
const HAS_INDEX = 0x10
const KEY_FRAME = 0x10
const UNKNOWN_QUALITY = 0xffff_ffff

/** A chunk of one's own at the end of a file. */
export interface ExtraChunk {
  readonly id: number
  readonly content: Uint8Array
}

/** Bytes of a chunk with its header and padding. */
const chunkSize = (content: Uint8Array): number => CHUNK_HEADER_SIZE + content.length + (content.length % 2)

/**
 * Writes a playable AVI file of one Motion-JPEG stream, with an index.
 *
 * @param clip Frames are JPEGs of `width` x `height`. A clip of more than 2 GiB throws a RangeError: players stop there,
 *   and no reader of this demo lets one in.
 * @param extra Comes last; players pass over chunks that they do not know.
 * @see Microsoft, "AVI RIFF File Reference"
 */
export function writeAvi(clip: Omit<Clip, 'kind'>, extra?: ExtraChunk): Uint8Array {
  const { frames } = clip
  const content = frames.reduce((sum, frame) => sum + chunkSize(frame), 0)
  const index = CHUNK_HEADER_SIZE + INDEX_ENTRY_SIZE * frames.length
  const size = HEADERS_SIZE + content + index + (extra === undefined ? 0 : chunkSize(extra.content))
  if (size > 0x7fff_ffff) throw new RangeError('a clip of more than 2 GiB')

  const out = new RiffWriter(size)
  openList(out, RIFF, AVI.form)
  writeHeaders(out, clip)
  openList(out, LIST, AVI.movie)
  for (const frame of frames) writeChunk(out, AVI.frame, frame)
  out.close()
  writeIndex(out, frames)
  if (extra !== undefined) writeChunk(out, extra.id, extra.content)
  out.close()
  return out.bytes
}

function writeChunk(out: RiffWriter, id: number, content: Uint8Array): void {
  out.open(id)
  out.write(content)
  out.close()
}

function openList(out: RiffWriter, id: number, type: number): void {
  out.open(id)
  out.uint32(type)
}

function writeHeaders(out: RiffWriter, clip: Omit<Clip, 'kind'>): void {
  const { width, height, microsecondsPerFrame, frames } = clip
  const largest = frames.reduce((most, frame) => Math.max(most, frame.length), 0)

  openList(out, LIST, AVI.headerList)
  out.open(AVI.mainHeader)
  out.uint32(microsecondsPerFrame)
  out.uint32(Math.min(0xffff_ffff, Math.ceil((largest * 1_000_000) / microsecondsPerFrame)))
  out.uint32(0) // no padding granularity
  out.uint32(HAS_INDEX)
  out.uint32(frames.length)
  out.uint32(0) // no initial frames: nothing is interleaved
  out.uint32(1) // streams
  out.uint32(largest)
  out.uint32(width)
  out.uint32(height)
  out.skip(16)
  out.close()

  openList(out, LIST, AVI.streamList)
  out.open(AVI.streamHeader)
  out.uint32(AVI.video)
  out.uint32(AVI.motionJpeg)
  out.skip(12) // flags, priority, language, initial frames
  out.uint32(microsecondsPerFrame)
  out.uint32(1_000_000) // the rate: this many units a second, of which a frame lasts the number above
  out.uint32(0) // starts at once
  out.uint32(frames.length)
  out.uint32(largest)
  out.uint32(UNKNOWN_QUALITY)
  out.uint32(0) // samples vary in size
  out.skip(4)
  out.uint16(width)
  out.uint16(height)
  out.close()

  out.open(AVI.streamFormat)
  out.uint32(BITMAP_INFO_SIZE)
  out.uint32(width)
  out.uint32(height)
  out.uint16(1) // planes
  out.uint16(24) // bits a pixel
  out.uint32(AVI.motionJpeg)
  out.uint32(width * height * 3)
  out.skip(16)
  out.close()
  out.close()
  out.close()
}

function writeIndex(out: RiffWriter, frames: readonly Uint8Array[]): void {
  out.open(AVI.index)
  // Offsets count from the code `movi`.
  let offset = 4
  for (const frame of frames) {
    out.uint32(AVI.frame)
    out.uint32(KEY_FRAME)
    out.uint32(offset)
    out.uint32(frame.length)
    offset += chunkSize(frame)
  }
  out.close()
}
