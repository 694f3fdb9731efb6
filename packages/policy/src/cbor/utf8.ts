/**
 * UTF-8 (RFC 3629), written out because a Realm's compartment has neither `TextEncoder` nor `TextDecoder`, and because
 * the decoder must refuse what a lenient one repairs: overlong forms, surrogates, values above U+10FFFF.
 */

/** The smallest code point that needs 2, 3 and 4 bytes: anything below it in that form is overlong. */
const LEAST = [0, 0, 0x80, 0x800, 0x1_0000] as const

/** The UTF-8 form of `text`, or `undefined` if it holds an unpaired surrogate. */
export function encodeUtf8(text: string): Uint8Array | undefined {
  const bytes: number[] = []
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!
    if (point >= 0xd800 && point <= 0xdfff) return undefined
    if (point < 0x80) bytes.push(point)
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f))
    else if (point < 0x1_0000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f))
    else {
      bytes.push(
        0xf0 | (point >> 18),
        0x80 | ((point >> 12) & 0x3f),
        0x80 | ((point >> 6) & 0x3f),
        0x80 | (point & 0x3f),
      )
      i++
    }
  }
  return Uint8Array.from(bytes)
}

/** Code points that are made into text at once; a call takes no list without end. */
const CHUNK = 256

/** The text that `bytes` encode, or `undefined` if they are not well-formed UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (bytes.length <= CHUNK && bytes.every((byte) => byte < 0x80))
    return Reflect.apply(String.fromCharCode, undefined, bytes)
  return decodeAny(bytes)
}

function decodeAny(bytes: Uint8Array): string | undefined {
  const parts: string[] = []
  const points: number[] = []
  const flush = (): void => {
    parts.push(Reflect.apply(String.fromCodePoint, undefined, points))
    points.length = 0
  }
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i]!
    const length = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0
    if (length === 0 || i + length > bytes.length) return undefined
    let point = length === 1 ? first : first & (0x7f >> length)
    for (let k = 1; k < length; k++) {
      const next = bytes[i + k]!
      if ((next & 0xc0) !== 0x80) return undefined
      point = (point << 6) | (next & 0x3f)
    }
    if (length > 1 && point < LEAST[length]!) return undefined
    if (point > 0x10_ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined
    points.push(point)
    if (points.length === CHUNK) flush()
    i += length
  }
  flush()
  return parts.join('')
}
