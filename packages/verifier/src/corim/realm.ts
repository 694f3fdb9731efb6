import type { CborValue } from '@mica/policy/cbor'
import { equalBytes } from '../bytes.ts'
import type { RealmReference } from '../endorsements/reference-values.ts'
import { readRealmName } from './environment.ts'
import { type Measurement, readDigest, readMeasurements, readRawValue } from './measurement.ts'
import { type CorimMap, type Reading, shownValue } from './reading.ts'

const DIGESTS = 2
const RAW_VALUE = 4
const INTEGRITY_REGISTERS = 14
const REMS = ['rem0', 'rem1', 'rem2', 'rem3']
const RPV_LENGTH = 64

/** Whether measurements are about a Realm, where no profile says so. */
export const describesRealm = (measurements: readonly CborValue[]): boolean =>
  measurements.some((item) => {
    if (!(item instanceof Map)) return false
    const [key, value]: (CborValue | undefined)[] = [item.get(0), item.get(1)]
    const named = typeof key === 'string' && /^cca\.(rim|rpv|rem)/.test(key)
    return named || (value instanceof Map && value.has(INTEGRITY_REGISTERS))
  })

/** Reads a reference triple `[environment, measurements]` of a Realm. */
export function readRealmTriple(reading: Reading, triple: readonly CborValue[]): RealmReference | undefined {
  const measurements = readMeasurements(reading, triple[1])
  if (measurements === undefined) return undefined
  const legacy = measurements.some(({ value }) => value.has(INTEGRITY_REGISTERS))
  const name = readRealmName(reading, triple[0], legacy)
  const registers = legacy ? readLegacyRegisters(reading, measurements) : readRegisters(reading, measurements)
  if (name === undefined || registers === undefined) return undefined
  const rim = registers.digests.get('rim')
  if (rim === undefined) return reading.refuse('the initial measurement is missing')
  if (!equalBytes(rim, name)) return reading.refuse('the initial measurement is not the one the environment names')
  const { rpv } = registers
  if (rpv !== undefined && rpv.length !== RPV_LENGTH) {
    reading.note(`a personalization value of ${rpv.length} bytes, which no Realm can have`)
  }
  const rems = REMS.map((register) => registers.digests.get(register))
  return { rim, rpv, rems: rems.some((rem) => rem !== undefined) ? rems : undefined }
}

interface Registers {
  readonly digests: ReadonlyMap<string, Uint8Array>
  readonly rpv?: Uint8Array | undefined
}

/** One measurement for each register: `cca.rim`, `cca.rem0` … `cca.rem3`, and `cca.rpv`. */
function readRegisters(reading: Reading, measurements: readonly Measurement[]): Registers | undefined {
  const digests = new Map<string, Uint8Array>()
  let rpv: Uint8Array | undefined
  for (const { key, value } of measurements) {
    const register = typeof key === 'string' && key.startsWith('cca.') ? key.slice(4) : undefined
    if (register === undefined || !['rim', 'rpv', ...REMS].includes(register))
      return reading.refuse(`a measurement of a Realm has an unknown key: ${shownValue(key)}`)
    if (digests.has(register) || (register === 'rpv' && rpv !== undefined))
      return reading.refuse(`\`cca.${register}\` stands twice`)
    if (register === 'rpv') rpv = readPersonalization(reading, value)
    else {
      const digest = readDigest(reading, value.get(DIGESTS), `\`cca.${register}\``)
      if (digest !== undefined) digests.set(register, digest)
    }
    if (reading.refusal !== undefined) return undefined
  }
  return { digests, rpv }
}

/** All registers in one measurement, and the personalization value as its raw value. */
function readLegacyRegisters(reading: Reading, measurements: readonly Measurement[]): Registers | undefined {
  const [measurement] = measurements
  if (measurement === undefined || measurements.length > 1)
    return reading.refuse('a Realm with integrity registers has more than one measurement')
  const { value } = measurement
  const registers = reading.map(value.get(INTEGRITY_REGISTERS), 'the integrity registers')
  if (registers === undefined) return undefined
  const digests = new Map<string, Uint8Array>()
  for (const [register, list] of registers) {
    if (typeof register !== 'string' || !['rim', ...REMS].includes(register))
      return reading.refuse(`an integrity register is unknown: ${shownValue(register)}`)
    const digest = readDigest(reading, list, `register \`${register}\``)
    if (digest === undefined) return undefined
    digests.set(register, digest)
  }
  const rpv = value.has(RAW_VALUE) ? readPersonalization(reading, value) : undefined
  return reading.refusal === undefined ? { digests, rpv } : undefined
}

/** A personalization value counts with every bit: a mask has no meaning for it. */
function readPersonalization(reading: Reading, values: CorimMap): Uint8Array | undefined {
  const raw = readRawValue(reading, values, 'the personalization value')
  if (raw?.mask !== undefined) return reading.refuse('the personalization value has a mask')
  return raw?.value
}
