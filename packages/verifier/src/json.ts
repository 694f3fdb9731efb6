import { fromHex } from './bytes.ts'
import type { EcJwk } from './cose/key.ts'

/** What reading a file of the user's gives: its contents, or one line of what is wrong with it. */
export type FileReading<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'refused'; readonly reason: string }

/** The value of JSON text, `undefined` when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** JSON's white space, and how its lists and objects begin. */
const WHITE_SPACE = [0x20, 0x09, 0x0a, 0x0d]
const OPENING = [0x5b, 0x7b]

/** Whether a file is JSON, a list or an object, by what it starts with. No format in CBOR that is read here starts so. */
export function startsAsJson(bytes: Uint8Array): boolean {
  let start = 0
  while (WHITE_SPACE.includes(bytes[start] ?? 0)) start++
  return OPENING.includes(bytes[start] ?? 0)
}

/** How many lists and objects begin in JSON, at most: brackets in its texts count too. */
export function countOpening(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) if (byte === OPENING[0] || byte === OPENING[1]) count++
  return count
}

/** Whether a JSON value is an object, and no array. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The bytes of a member in hex; `undefined` when it is absent, no text or no hex. */
export function hexMember(record: Readonly<Record<string, unknown>>, name: string): Uint8Array | undefined {
  const value = record[name]
  return typeof value === 'string' ? fromHex(value) : undefined
}

/** Whether a JSON value has the members of an elliptic-curve JWK; what they hold is not looked at. */
export const isEcJwk = (value: unknown): value is EcJwk =>
  isRecord(value) &&
  value['kty'] === 'EC' &&
  typeof value['crv'] === 'string' &&
  typeof value['x'] === 'string' &&
  typeof value['y'] === 'string'
