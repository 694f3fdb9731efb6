/** A key of a map. Integers and text only: no format of this project uses another sort. */
export type CborKey = number | bigint | string

/** A tagged item (RFC 8949 section 3.4). */
export interface CborTagged {
  readonly tag: number
  readonly value: CborValue
}

/**
 * A CBOR data item as JavaScript has it.
 *
 * An integer is a `number` where a double holds it exactly and a `bigint` elsewhere; floats, `undefined` and other
 * simple values do not exist here, because no format of this project has them.
 */
export type CborValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | Uint8Array
  | readonly CborValue[]
  | ReadonlyMap<CborKey, CborValue>
  | CborTagged

/** Major types (RFC 8949 section 3.1). */
export const MAJOR = {
  unsigned: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const

/** Additional information of the simple values that exist here (RFC 8949 section 3.3). */
export const SIMPLE = { false: 20, true: 21, null: 22 } as const

/** Compares byte strings as RFC 8949 section 4.2.1 orders keys: bytewise, a prefix before what it begins. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Whether two byte strings are the same. Not constant in time: nothing compared with it is secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0
}
