import { bytesToHex } from '@noble/hashes/utils.js'

/** Lower-case hex text of `bytes`. */
export const toHex = (bytes: Uint8Array): string => bytesToHex(bytes)

/** The bytes that `text` spells in hex, of either case; `undefined` for anything else. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))
}

/** The bytes that `text` spells in unpadded base64url (RFC 4648 section 5); `undefined` for anything else. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
}

/** Whether `a` and `b` are equal, in time that depends on their lengths alone. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!
  return difference === 0
}

/** Whether every byte is zero: how evidence spells "no personalization value" and "never extended". */
export const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0)
