import type { Rectangle } from './image.ts'

/**
 * What travels between the Realms of the pipeline, as CBOR. Each of them trusts none of the others, so every message has
 * a check, which looks at what the next step relies on: types, ranges and sizes. What a JPEG holds is left to its decoder.
 */

/** A frame of the clip: its number from 0, and a JPEG. Gate to encoder, and encoder to moderator. */
export interface FrameMessage {
  readonly index: number
  readonly jpeg: Uint8Array
}

/** A frame that an earlier step could not read, and why; nothing of it is shown. */
export interface UnreadableMessage {
  readonly index: number
  /** One line of printable ASCII. */
  readonly unreadable: string
}

/** What the moderator saw in a frame, and what it did. */
export interface FrameReport {
  /** Regions that were found, in pixels of the frame. */
  readonly regions: readonly Rectangle[]
  /** Part of the frame's pixels that have the colour of skin, 0 to 1. */
  readonly share: number
  readonly pixelated: boolean
}

/** A frame as the moderator hands it on. */
export interface ModeratedMessage extends FrameMessage {
  readonly report: FrameReport
}

/** What the channel `raw` carries. */
export type RawMessage = FrameMessage
/** What the channel `coded` carries. */
export type CodedMessage = FrameMessage | UnreadableMessage
/** What the channel `clean` carries. */
export type CleanMessage = ModeratedMessage | UnreadableMessage

/** Bounds of one message: they keep a hostile sender from filling the receiver's memory or the client's report. */
export const MESSAGE_LIMITS = { frames: 18_000, jpegBytes: 0x1_8000, reasonLength: 120, regions: 64 } as const

/** Whether a frame could not be read. */
export const isUnreadable = (message: CodedMessage | CleanMessage): message is UnreadableMessage =>
  'unreadable' in message

/** Accepts what the gate sends. */
export function isRawMessage(value: unknown): value is RawMessage {
  return isRecord(value) && isIndex(value['index']) && isJpegBytes(value['jpeg'])
}

/** Accepts what the encoder sends. */
export function isCodedMessage(value: unknown): value is CodedMessage {
  return isUnreadableMessage(value) || isRawMessage(value)
}

/** Accepts what the moderator sends. */
export function isCleanMessage(value: unknown): value is CleanMessage {
  if (isUnreadableMessage(value)) return true
  return isRecord(value) && isRawMessage(value) && isReport(value['report'])
}

function isUnreadableMessage(value: unknown): value is UnreadableMessage {
  if (!isRecord(value) || !isIndex(value['index'])) return false
  const reason = value['unreadable']
  return typeof reason === 'string' && reason.length <= MESSAGE_LIMITS.reasonLength && /^[ -~]+$/.test(reason)
}

function isReport(value: unknown): value is FrameReport {
  if (!isRecord(value) || typeof value['pixelated'] !== 'boolean') return false
  const { regions, share } = value
  if (typeof share !== 'number' || !(share >= 0 && share <= 1)) return false
  return Array.isArray(regions) && regions.length <= MESSAGE_LIMITS.regions && regions.every(isRectangle)
}

function isRectangle(value: unknown): value is Rectangle {
  return isRecord(value) && [value['x'], value['y'], value['width'], value['height']].every(isSide)
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isIndex = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < MESSAGE_LIMITS.frames

/** A JPEG counts its sides in 16 bits. */
const isSide = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff

const isJpegBytes = (value: unknown): value is Uint8Array =>
  value instanceof Uint8Array && value.length > 0 && value.length <= MESSAGE_LIMITS.jpegBytes
