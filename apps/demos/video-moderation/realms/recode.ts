import { decodeJpeg, encodeJpeg } from './jpeg.ts'
import { type CodedMessage, MESSAGE_LIMITS, type RawMessage } from './messages.ts'
import { fitWidth, resize } from './resize.ts'

/** What the encoder makes of a clip. */
export interface Target {
  /** Widest picture in pixels; smaller ones are not enlarged. */
  readonly width: number
  /** JPEG quality, 1 to 100. */
  readonly quality: number
}

export const TARGET: Target = { width: 160, quality: 75 }

/** The encoder's work on one frame: decode, fit to the target size, encode at the target quality. */
export function recode(frame: RawMessage, target: Target = TARGET): CodedMessage {
  const { index } = frame
  const decoded = decodeJpeg(frame.jpeg)
  if (decoded.kind === 'refused') return { index, unreadable: decoded.reason }
  const jpeg = encodeJpeg(resize(decoded.image, fitWidth(decoded.image, target.width)), target.quality)
  return jpeg.length <= MESSAGE_LIMITS.jpegBytes ? { index, jpeg } : { index, unreadable: 'too large when encoded' }
}
