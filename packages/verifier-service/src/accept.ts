import type { MIMEType } from 'node:util'
import { parseMediaType } from './media-types.ts'

/** Ranges that a header is looked at for: nobody has use for more. */
const MAX_RANGES = 32

/** Parts of a list header that are separated by commas, but for those within quotes. */
const LIST_ITEM = /(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g

/**
 * The range by which an Accept header asks for `type` (RFC 9110 section 12.5.1), with the parameters that the client
 * wrote; `undefined` when it does not want it. No header, and an empty one, ask for anything.
 */
export function acceptedRange(header: string | undefined, type: string): MIMEType | undefined {
  const ranges = header?.match(LIST_ITEM)?.slice(0, MAX_RANGES) ?? []
  if (ranges.every((range) => range.trim() === '')) return parseMediaType(type)
  const [main] = type.split('/')
  // The most specific range decides, so that `a/b;q=0, */*` is a refusal of a/b.
  for (const wanted of [type, `${main}/*`, '*/*']) {
    const range = ranges.map((text) => parseMediaType(text.trim())).find((parsed) => parsed?.essence === wanted)
    if (range !== undefined) return Number(range.params.get('q') ?? '1') > 0 ? range : undefined
  }
  return undefined
}
