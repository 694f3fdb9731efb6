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
  return decodeBase64(text.replaceAll('-', '+').replaceAll('_', '/'))
}

/** The bytes that `text` spells in padded standard base64 (RFC 4648 section 4); `undefined` for anything else. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  return decodeBase64(text)
}

/** Unpadded base64url text of `bytes`. */
export const toBase64Url = (bytes: Uint8Array): string =>
  toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

/** Bytes that become characters at once: arguments of one call. */
const PORTION = 4096

/** Padded standard base64 text of `bytes`. In portions, because it is ten times as fast as byte by byte. */
export function toBase64(bytes: Uint8Array): string {
  let characters = ''
  for (let at = 0; at < bytes.length; at += PORTION) {
    characters += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(at, at + PORTION))
  }
  return btoa(characters)
}

/** A loop, because it is ten times as fast as a mapping and keys are decoded for every token. */
function decodeBase64(text: string): Uint8Array {
  const characters = atob(text)
  const bytes = new Uint8Array(characters.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i)
  return bytes
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
