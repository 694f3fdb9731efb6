import { decodeJpeg, encodeJpeg } from './jpeg.ts'
import { type CleanMessage, type CodedMessage, isUnreadable, MESSAGE_LIMITS } from './messages.ts'
import { pixelate } from './pixelate.ts'
import { findSkin, SKIN_OPTIONS } from './skin.ts'

/** Quality of the frames that the moderator hands on, 1 to 100. */
const QUALITY = 80

/** Squares across the picture when an area is made unrecognizable: a face keeps a handful of them. */
const SQUARES_ACROSS = 10

/** The moderator's work on one frame: find what has the colour of skin, pixelate it, encode again, and say so. */
export function moderate(frame: CodedMessage): CleanMessage {
  if (isUnreadable(frame)) return frame
  const { index } = frame
  const decoded = decodeJpeg(frame.jpeg)
  if (decoded.kind === 'refused') return { index, unreadable: decoded.reason }
  const { image } = decoded
  const { regions, pixels } = findSkin(image, SKIN_OPTIONS)
  const side = Math.max(1, Math.ceil(image.width / SQUARES_ACROSS))
  for (const region of regions) pixelate(image, region, side)
  const jpeg = encodeJpeg(image, QUALITY)
  if (jpeg.length > MESSAGE_LIMITS.jpegBytes) return { index, unreadable: 'too large when encoded' }
  const share = Math.round((pixels / (image.width * image.height)) * 10_000) / 10_000
  return { index, jpeg, report: { regions, share, pixelated: regions.length > 0 } }
}
