import { type Refusal, refused } from './refusal.ts'
import { type Chunk, fourcc, LIST, listType, RIFF, readChunk } from './riff.ts'

/** A Motion-JPEG clip, taken apart. */
export interface Clip {
  readonly kind: 'clip'
  /** In pixels. */
  readonly width: number
  readonly height: number
  readonly microsecondsPerFrame: number
  /** One JPEG each, in the order of play; views into the bytes that were read. Nothing of their content is checked. */
  readonly frames: readonly Uint8Array[]
}

/** What a reader accepts at most. */
export interface AviLimits {
  readonly bytes: number
  readonly frames: number
  readonly frameBytes: number
  /** Of the picture, in pixels. */
  readonly width: number
  readonly height: number
}

export const AVI_LIMITS: AviLimits = {
  bytes: 0x400_0000,
  frames: 18_000,
  frameBytes: 0x1_8000,
  width: 1920,
  height: 1088,
}

/** Codes of an AVI file of one Motion-JPEG stream. */
export const AVI = {
  form: fourcc('AVI '),
  headerList: fourcc('hdrl'),
  mainHeader: fourcc('avih'),
  streamList: fourcc('strl'),
  streamHeader: fourcc('strh'),
  streamFormat: fourcc('strf'),
  video: fourcc('vids'),
  motionJpeg: fourcc('MJPG'),
  movie: fourcc('movi'),
  record: fourcc('rec '),
  frame: fourcc('00dc'),
  index: fourcc('idx1'),
} as const

/** Sizes of the fixed structures, and the offsets in them of the fields that are read. */
const MAIN_HEADER = { size: 56, microsecondsPerFrame: 0, totalFrames: 16 } as const
const STREAM_HEADER = { size: 48, type: 0, scale: 20, rate: 24 } as const
const BITMAP_INFO = { size: 40, width: 4, height: 8, compression: 16 } as const

/** Frame rates from ten a second of film to one in ten seconds: whoever sends another has sent no clip. */
const FRAME_TIME = { least: 1_000, most: 10_000_000 } as const

/** What the header list says of the stream that is read. */
interface Header {
  readonly kind: 'header'
  readonly width: number
  readonly height: number
  readonly microsecondsPerFrame: number
  /** 0 when the writer did not know. */
  readonly totalFrames: number
  /** Code of the chunks that hold the stream's frames: its two-digit number and `dc`. */
  readonly frameId: number
}

const truncated = (where: string): Refusal => refused(`the AVI file is cut off or damaged in ${where}`)

/**
 * Reads a Motion-JPEG AVI file, trusting no byte of it.
 *
 * Streams other than the one video stream are passed over, as is the index: the frames are what `movi` holds, in its
 * order. An empty frame repeats the one before it. Time and memory are linear in the size of the file.
 *
 * @returns In order: a refusal when the file is too large, no AVI file, truncated or followed by anything, when its
 *   headers are missing or describe no single Motion-JPEG stream within the limits, when a frame is too large, when
 *   there are too many frames, none, or not as many as the header says.
 * @see Microsoft, "AVI RIFF File Reference"
 */
export function readAvi(bytes: Uint8Array, limits: AviLimits = AVI_LIMITS): Clip | Refusal {
  if (bytes.length > limits.bytes) {
    return refused(`the file has ${bytes.length} bytes, and at most ${limits.bytes} are read`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 12 || view.getUint32(0, true) !== RIFF || view.getUint32(8, true) !== AVI.form) {
    return refused('the input is no AVI file: it does not begin with `RIFF` and `AVI`')
  }
  const form = readChunk(view, 0, bytes.length)
  if (form === undefined) return truncated('its outermost chunk')
  if (form.next < bytes.length) return refused(`${bytes.length - form.next} bytes follow the end of the AVI form`)

  let header: Header | undefined
  for (let at = form.start + 4; at < form.end; ) {
    const chunk = readChunk(view, at, form.end)
    if (chunk === undefined) return truncated('its list of chunks')
    const type = listType(view, chunk)
    if (type === AVI.headerList && header === undefined) {
      const result = readHeaderList(view, chunk, limits)
      if (result.kind === 'refused') return result
      header = result
    } else if (type === AVI.movie) {
      if (header === undefined) return refused('the AVI file has frames before its header')
      return readMovie(bytes, view, chunk, header, limits)
    }
    at = chunk.next
  }
  return refused(header === undefined ? 'the AVI file has no header list' : 'the AVI file has no list of frames')
}

function readHeaderList(view: DataView, list: Chunk, limits: AviLimits): Header | Refusal {
  let main: Chunk | undefined
  let video: Header | undefined
  let streams = 0
  for (let at = list.start + 4; at < list.end; ) {
    const chunk = readChunk(view, at, list.end)
    if (chunk === undefined) return truncated('its header list')
    if (chunk.id === AVI.mainHeader) main = chunk
    if (listType(view, chunk) === AVI.streamList) {
      if (main === undefined || main.end - main.start < MAIN_HEADER.size) return truncated('its main header')
      const result = readStream(view, chunk, main, streams++, limits)
      if (result?.kind === 'refused') return result
      if (result !== undefined && video !== undefined) return refused('the AVI file has more than one video stream')
      video ??= result
    }
    at = chunk.next
  }
  return video ?? refused('the AVI file has no video stream')
}

/** Reads one stream's header and format. Returns undefined when it is not video. */
function readStream(
  view: DataView,
  list: Chunk,
  main: Chunk,
  number: number,
  limits: AviLimits,
): Header | Refusal | undefined {
  let header: Chunk | undefined
  let format: Chunk | undefined
  for (let at = list.start + 4; at < list.end; ) {
    const chunk = readChunk(view, at, list.end)
    if (chunk === undefined) return truncated('a stream header')
    if (chunk.id === AVI.streamHeader) header ??= chunk
    if (chunk.id === AVI.streamFormat) format ??= chunk
    at = chunk.next
  }
  if (header === undefined || header.end - header.start < STREAM_HEADER.size) return truncated('a stream header')
  if (view.getUint32(header.start + STREAM_HEADER.type, true) !== AVI.video) return undefined
  if (format === undefined || format.end - format.start < BITMAP_INFO.size) return truncated('the video format')
  if (view.getUint32(format.start + BITMAP_INFO.compression, true) !== AVI.motionJpeg) {
    return refused('the video stream of the AVI file is not Motion JPEG (`MJPG`)')
  }
  if (number > 99) return refused('the AVI file has more than 100 streams')
  const width = view.getInt32(format.start + BITMAP_INFO.width, true)
  // A negative height says that the rows run from the top, which they always do in a JPEG.
  const height = Math.abs(view.getInt32(format.start + BITMAP_INFO.height, true))
  if (width < 1 || height < 1 || width > limits.width || height > limits.height) {
    return refused(`a picture of ${width}x${height} is not between 1x1 and ${limits.width}x${limits.height}`)
  }
  const microsecondsPerFrame = frameTime(view, main, header)
  if (microsecondsPerFrame < FRAME_TIME.least || microsecondsPerFrame > FRAME_TIME.most) {
    return refused(`a frame that lasts ${microsecondsPerFrame} microseconds is not between 0.001 s and 10 s`)
  }
  const totalFrames = view.getUint32(main.start + MAIN_HEADER.totalFrames, true)
  const frameId = fourcc(`${Math.floor(number / 10)}${number % 10}dc`)
  return { kind: 'header', width, height, microsecondsPerFrame, totalFrames, frameId }
}

/** Time of a frame in microseconds: from the main header, or from the stream's rate when that says nothing. */
function frameTime(view: DataView, main: Chunk, stream: Chunk): number {
  const stated = view.getUint32(main.start + MAIN_HEADER.microsecondsPerFrame, true)
  if (stated !== 0) return stated
  const rate = view.getUint32(stream.start + STREAM_HEADER.rate, true)
  return rate === 0 ? 0 : Math.round((view.getUint32(stream.start + STREAM_HEADER.scale, true) * 1_000_000) / rate)
}

function readMovie(bytes: Uint8Array, view: DataView, list: Chunk, header: Header, limits: AviLimits): Clip | Refusal {
  const frames: Uint8Array[] = []
  for (let at = list.start + 4; at < list.end; ) {
    const chunk = readChunk(view, at, list.end)
    if (chunk === undefined) return truncated(`its list of frames, after ${frames.length} of them`)
    if (chunk.id === header.frameId) {
      const size = chunk.end - chunk.start
      if (size > limits.frameBytes) {
        return refused(`frame ${frames.length} has ${size} bytes, and at most ${limits.frameBytes} are read`)
      }
      if (frames.length === limits.frames) return refused(`the clip has more than ${limits.frames} frames`)
      const frame = size === 0 ? frames.at(-1) : bytes.subarray(chunk.start, chunk.end)
      if (frame === undefined) return refused('the first frame of the clip is empty')
      frames.push(frame)
    }
    // A record groups chunks without changing their order, so its header is stepped over and its content read in place.
    at = chunk.id === LIST && listType(view, chunk) === AVI.record ? chunk.start + 4 : chunk.next
  }
  if (frames.length === 0) return refused('the clip has no frames')
  if (header.totalFrames !== 0 && header.totalFrames !== frames.length) {
    return refused(`the header of the clip says ${header.totalFrames} frames, and it holds ${frames.length}`)
  }
  const { width, height, microsecondsPerFrame } = header
  return { kind: 'clip', width, height, microsecondsPerFrame, frames }
}
