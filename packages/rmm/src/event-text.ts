/** A number as events write it: `0x80000000`. */
export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`
}

/** Bytes as events write them: lower case, no prefix. */
export function hexBytes(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}
