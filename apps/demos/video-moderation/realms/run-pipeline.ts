import type { Reader, Writer } from '@mica/realm-sdk'
import { type Clip, readAvi } from './avi.ts'
import { writeAvi } from './avi-writer.ts'
import { type FlightLimits, FlightWindow } from './flight-window.ts'
import { readJpegHeader } from './jpeg-header.ts'
import { type CleanMessage, isUnreadable, type ModeratedMessage, type RawMessage } from './messages.ts'
import { type Refusal, refused } from './refusal.ts'
import type { Size } from './resize.ts'
import { encodeSummary, SUMMARY_CHUNK, type Summary } from './summary.ts'

/** A clip that went through the pipeline. */
export interface Moderated {
  readonly kind: 'moderated'
  /** A playable AVI file, which holds the summary too. */
  readonly avi: Uint8Array
  readonly summary: Summary
}

/** The gate's two ends of the pipeline. */
export interface PipelineEnds {
  readonly raw: Pick<Writer<string, string, RawMessage>, 'send' | 'close'>
  readonly clean: Pick<Reader<string, string, CleanMessage>, 'receive'>
}

/**
 * What may be under way. It has to lie in any one channel of 256 KiB at once, or a reader that is slow loses frames: half
 * of that as the client made them, and six as the encoder makes them, even of noise, which at 160x120 takes 32 KiB each.
 */
export const FLIGHT_LIMITS: FlightLimits = { frames: 6, bytes: 0x2_0000 }

/** What came back, in the order of the frames. */
interface Collected {
  readonly frames: ModeratedMessage[]
  readonly unreadable: { readonly index: number; readonly reason: string }[]
  /** Of the first frame that came back; all others have to be alike. */
  size: Size | undefined
}

/**
 * The gate's work on one clip: takes it apart, sends its frames through the pipeline, a few at a time, and puts what
 * comes back together again. The channel into the pipeline is closed afterwards, so this is done once.
 *
 * @param input The client's bytes, which need not be a clip.
 * @returns In order: a refusal when the input is no Motion-JPEG AVI, when its first frame is no JPEG of the clip's size, or
 *   when not one frame came back.
 */
export async function runPipeline(input: Uint8Array, ends: PipelineEnds): Promise<Moderated | Refusal> {
  const clip = readAvi(input)
  if (clip.kind === 'refused') return clip
  const refusal = firstFrameRefusal(clip)
  if (refusal !== undefined) return refusal
  const window = new FlightWindow(FLIGHT_LIMITS)
  const collected: Collected = { frames: [], unreadable: [], size: undefined }
  await Promise.all([sendFrames(clip, ends, window), collect(ends, window, collected)])
  return assemble(clip, collected)
}

/** Looks into the first frame only: one that is damaged later on is left out, and does not spoil the clip. */
function firstFrameRefusal(clip: Clip): Refusal | undefined {
  const header = readJpegHeader(clip.frames[0] ?? new Uint8Array())
  if (header.kind === 'refused') return refused(`the first frame of the clip is ${header.reason}`)
  if (header.width === clip.width && header.height === clip.height) return undefined
  return refused(
    `the clip says that it is ${clip.width}x${clip.height}, and its first frame is ${header.width}x${header.height}`,
  )
}

async function sendFrames(clip: Clip, { raw }: PipelineEnds, window: FlightWindow): Promise<void> {
  for (const [index, jpeg] of clip.frames.entries()) {
    if (!(await window.depart(index, jpeg.length))) break
    await raw.send({ index, jpeg })
  }
  await raw.close()
}

async function collect({ clean }: PipelineEnds, window: FlightWindow, collected: Collected): Promise<void> {
  for await (const message of clean.receive()) {
    // A number that is not under way is the moderator's invention, or a frame for the second time.
    if (window.land(message.index)) collectFrame(message, collected)
  }
  window.close()
}

function collectFrame(message: CleanMessage, collected: Collected): void {
  const { index } = message
  if (isUnreadable(message)) {
    collected.unreadable.push({ index, reason: message.unreadable })
    return
  }
  const header = readJpegHeader(message.jpeg)
  if (header.kind === 'refused') {
    collected.unreadable.push({ index, reason: header.reason })
    return
  }
  const { width, height } = header
  collected.size ??= { width, height }
  if (width === collected.size.width && height === collected.size.height) collected.frames.push(message)
  else collected.unreadable.push({ index, reason: `${width}x${height}, unlike the frames before it` })
}

function assemble(clip: Clip, { frames, unreadable, size }: Collected): Moderated | Refusal {
  if (size === undefined || frames.length === 0) {
    const why = unreadable[0]
    return refused(`no frame of the clip came back${why === undefined ? '' : `: frame ${why.index} is ${why.reason}`}`)
  }
  const { microsecondsPerFrame } = clip
  const back = new Set([...frames, ...unreadable].map(({ index }) => index))
  const summary: Summary = {
    input: { frames: clip.frames.length, width: clip.width, height: clip.height },
    output: { frames: frames.length, ...size },
    microsecondsPerFrame,
    pixelated: frames.filter(({ report }) => report.pixelated).length,
    unreadable,
    lost: clip.frames.map((_, index) => index).filter((index) => !back.has(index)),
    // Field by field: a report may hold more than was checked.
    reports: frames.map(({ index, report }) => ({
      index,
      regions: report.regions.map(({ x, y, width, height }) => ({ x, y, width, height })),
      share: report.share,
      pixelated: report.pixelated,
    })),
  }
  const avi = writeAvi(
    { ...size, microsecondsPerFrame, frames: frames.map(({ jpeg }) => jpeg) },
    { id: SUMMARY_CHUNK, content: encodeSummary(summary) },
  )
  return { kind: 'moderated', avi, summary }
}
