import type { FrameReport } from './messages.ts'
import type { Size } from './resize.ts'
import { fourcc, RIFF, readChunk } from './riff.ts'

/** What the client is told about its clip. */
export interface Summary {
  readonly input: Size & { readonly frames: number }
  readonly output: Size & { readonly frames: number }
  readonly microsecondsPerFrame: number
  /** How many frames of the output were pixelated in places. */
  readonly pixelated: number
  /** Frames that a step could not read, and why. They are not in the output. */
  readonly unreadable: readonly { readonly index: number; readonly reason: string }[]
  /** Numbers of the frames that never came back. They are not in the output. */
  readonly lost: readonly number[]
  /** What the moderator said about each frame of the output. `index` is the number in the input. */
  readonly reports: readonly (FrameReport & { readonly index: number })[]
}

/** Code of the chunk, the last of the file, in which a moderated clip carries its summary as JSON. Players skip it. */
export const SUMMARY_CHUNK: number = fourcc('mica')

/** The summary as the content of its chunk. */
export const encodeSummary = (summary: Summary): Uint8Array => new TextEncoder().encode(JSON.stringify(summary))

/**
 * Finds the summary in a moderated clip.
 *
 * @param avi What the gate made. It came over an authenticated stream, so its shape is the gate's.
 * @returns undefined when there is none, as in a clip that no gate made.
 */
export function readSummary(avi: Uint8Array): Summary | undefined {
  const view = new DataView(avi.buffer, avi.byteOffset, avi.byteLength)
  const form = readChunk(view, 0, avi.length)
  if (form?.id !== RIFF) return undefined
  for (let at = form.start + 4; at < form.end; ) {
    const chunk = readChunk(view, at, form.end)
    if (chunk === undefined) return undefined
    if (chunk.id === SUMMARY_CHUNK) return parse(avi.subarray(chunk.start, chunk.end))
    at = chunk.next
  }
  return undefined
}

function parse(bytes: Uint8Array): Summary | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Summary
  } catch {
    return undefined
  }
}
