import type { CborValue } from '@mica/policy/cbor'
import { type Reading, tagged } from './reading.ts'

const TAG_EPOCH = 1
const NOT_BEFORE = 0
const NOT_AFTER = 1

/**
 * Whether `at` lies within a validity map `{ ?0: not-before, 1: not-after }`, times under tag 1 in seconds. Absent: it
 * always does. A refusal says which end was passed.
 */
export function checkValidity(reading: Reading, value: CborValue | undefined, at: Date, what: string): boolean {
  if (value === undefined) return true
  const map = reading.map(value, `the validity of ${what}`)
  if (map === undefined) return false
  const after = tagged(map.get(NOT_AFTER), TAG_EPOCH)
  const before = map.has(NOT_BEFORE) ? tagged(map.get(NOT_BEFORE), TAG_EPOCH) : 0
  if (typeof after !== 'number' || typeof before !== 'number') {
    reading.refuse(`the validity of ${what} is not in seconds under tag 1`)
    return false
  }
  const seconds = at.getTime() / 1000
  if (seconds < before) reading.refuse(`${what} is not valid before ${isoTime(before)}`)
  if (seconds > after) reading.refuse(`${what} expired at ${isoTime(after)}`)
  return before <= seconds && seconds <= after
}

/** Seconds may lie beyond what a `Date` holds; then they are shown as they are. */
function isoTime(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString()
}
