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
