/** Values as the language writes them. */

const hexDigits = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** A string, quoted. */
export function printText(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

/** A measurement or another digest, by its length. */
export function printDigest(bytes: Uint8Array): string {
  return `sha${bytes.length * 8}:${hexDigits(bytes)}`
}

/** A personalization value: as text if it is some, else its bytes up to the zeroes that fill it. */
export function printRpv(bytes: Uint8Array): string {
  const used = bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1)
  const isText = used.every((byte) => byte >= 0x20 && byte < 0x7f)
  return isText ? printText(String.fromCharCode(...used)) : `hex:${hexDigits(used)}`
}

/** A number in hexadecimal, with `_` every four digits from the right. */
export function printHex(number: number): string {
  return `0x${number.toString(16).replace(/(?<=.)(?=(?:.{4})+$)/g, '_')}`
}
