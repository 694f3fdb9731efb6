/** Bytes in padded standard base64, which the published clients decode. */
export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** The bytes that `text` spells in base64, of either alphabet, padded or not; `undefined` for anything else. */
export function fromBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/={1,2}$/, '')
  if (!/^[A-Za-z0-9+/_-]*$/.test(digits) || digits.length % 4 === 1) return undefined
  if (digits.length !== text.length && text.length % 4 !== 0) return undefined
  return new Uint8Array(Buffer.from(digits, 'base64'))
}
