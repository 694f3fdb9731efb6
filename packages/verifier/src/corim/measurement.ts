import type { CborValue } from '@mica/policy/cbor'
import { type CorimMap, type Reading, shownValue, tagged } from './reading.ts'

/** One measurement of a reference triple: what it measures, and its values. */
export interface Measurement {
  readonly key: CborValue | undefined
  readonly value: CorimMap
}

/** A raw value, and which of its bits count; all of them without a mask. */
export interface MaskedValue {
  readonly value: Uint8Array
  readonly mask?: Uint8Array | undefined
}

// CoMID: measurement-map and measurement-values-map.
const KEY = 0
const VALUES = 1
const AUTHORIZED_BY = 2
const RAW_VALUE = 4
const RAW_VALUE_MASK = 5
const TAG_BYTES = 560
const TAG_MASKED = 563

/** Digest algorithms by their number in the named-information registry, or by name: size in bytes. */
const DIGEST_SIZE: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  [1, 32],
  [7, 48],
  [8, 64],
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
])

/** The measurements of a reference triple, one or more. */
export function readMeasurements(reading: Reading, value: CborValue | undefined): readonly Measurement[] | undefined {
  const list = reading.list(value, 'the list of measurements')
  if (list === undefined) return undefined
  const measurements: Measurement[] = []
  for (const item of list) {
    const map = reading.map(item, 'a measurement')
    const values = map === undefined ? undefined : reading.map(map.get(VALUES), 'the value of a measurement')
    if (map === undefined || values === undefined) return undefined
    // Who may change a value is no matter of a CCA profile: such a restriction cannot be passed over.
    if (map.has(AUTHORIZED_BY)) return reading.refuse('a measurement says by whom it is authorized')
    measurements.push({ key: map.get(KEY), value: values })
  }
  return measurements
}

/** The one digest in a list `[[algorithm, bytes]]`. */
export function readDigest(reading: Reading, value: CborValue | undefined, what: string): Uint8Array | undefined {
  const list = reading.list(value, `digests of ${what}`)
  if (list === undefined) return undefined
  if (!Array.isArray(list[0])) {
    return reading.refuse(`digests of ${what} are not a list of [algorithm, value] pairs: write [[algorithm, value]]`)
  }
  const [pair] = list
  if (list.length !== 1 || pair.length !== 2) return reading.refuse(`${what} has not exactly one digest`)
  const [algorithm, digest]: CborValue[] = pair
  const size = DIGEST_SIZE.get(algorithm)
  if (size === undefined) return reading.refuse(`digest algorithm of ${what} is unknown: ${shownValue(algorithm)}`)
  if (!(digest instanceof Uint8Array) || digest.length !== size)
    return reading.refuse(`digest of ${what} does not have the ${size} bytes of its algorithm`)
  return digest
}

/** A raw value: `560(value)` with an optional mask beside it, or `563([value, mask])`. */
export function readRawValue(reading: Reading, values: CorimMap, what: string): MaskedValue | undefined {
  const raw = values.get(RAW_VALUE)
  if (raw === undefined) return reading.refuse(`raw value of ${what} is missing`)
  const pair = tagged(raw, TAG_MASKED)
  const plain = tagged(raw, TAG_BYTES)
  const beside = values.get(RAW_VALUE_MASK)
  const [value, mask] = Array.isArray(pair) && pair.length === 2 ? pair : [plain, beside]
  if (!(value instanceof Uint8Array) || (pair !== undefined && beside !== undefined))
    return reading.refuse(`raw value of ${what} is neither 560(value) nor 563([value, mask])`)
  if (mask === undefined) return { value }
  if (!(mask instanceof Uint8Array) || mask.length !== value.length)
    return reading.refuse(`mask of ${what} is not as long as its value`)
  return { value, mask }
}
