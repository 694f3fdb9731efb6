import type { CborValue } from '@mica/policy/cbor'
import type { ComponentReference, PlatformReference } from '../endorsements/reference-values.ts'
import { readPlatformClass } from './environment.ts'
import { type Measurement, readDigest, readMeasurements, readRawValue } from './measurement.ts'
import { type CorimMap, type Reading, shownValue, tagged } from './reading.ts'

const VERSION = 0
const DIGESTS = 2
const NAME = 11
const CRYPTO_KEYS = 13
const TAG_BYTES = 560
/** Measurement keys of the legacy dialect: a component `{1: label, 4: version, 5: signer}`, a configuration's label. */
const TAG_COMPONENT_ID = 601
const TAG_CONFIG_ID = 602
const SIGNER_LENGTHS = [32, 48, 64]

/** Measurement keys of draft -04 that are endorsed, and that no appraisal here compares. */
const NOT_COMPARED = /^cca\.(platform-manufacturing-config|rotpk\.(CM|DM)\.\d+\.\d+)$/

/** Reads a reference triple `[environment, measurements]` of a platform: one complete state of it. */
export function readPlatformTriple(reading: Reading, triple: readonly CborValue[]): PlatformReference | undefined {
  const implementationId = readPlatformClass(reading, triple[0])
  const measurements = readMeasurements(reading, triple[1])
  if (implementationId === undefined || measurements === undefined) return undefined
  const components: ComponentReference[] = []
  let config: PlatformReference['config']
  for (const measurement of measurements) {
    const { key } = measurement
    if (key === 'cca.platform-config' || tagged(key, TAG_CONFIG_ID) !== undefined) {
      if (config !== undefined) return reading.refuse('a platform has two configurations')
      config = readRawValue(reading, measurement.value, 'the configuration')
      if (config === undefined) return undefined
    } else if (typeof key === 'string' && NOT_COMPARED.test(key)) {
      reading.note(`\`${key}\` is endorsed, and not compared`)
    } else {
      const component = readComponent(reading, measurement)
      if (component === undefined) return undefined
      components.push(component)
    }
  }
  return config === undefined ? { implementationId, components } : { implementationId, config, components }
}

function readComponent(reading: Reading, { key, value }: Measurement): ComponentReference | undefined {
  if (key === undefined) return reading.refuse('a measurement of a platform has no key')
  const legacy = tagged(key, TAG_COMPONENT_ID)
  if (legacy !== undefined) return readLegacyComponent(reading, legacy, value)
  if (key !== 'cca.software-component') {
    return reading.refuse(`a measurement of a platform has an unknown key: ${shownValue(key)}`)
  }
  const type = reading.optionalText(value.get(NAME), 'name of a component')
  const measurement = readDigest(reading, value.get(DIGESTS), `component ${shownValue(type ?? '')}`)
  const signers = reading.list(value.get(CRYPTO_KEYS), 'signers of a component')
  const versionMap = value.has(VERSION) ? reading.map(value.get(VERSION), 'version of a component') : undefined
  const version = reading.optionalText(versionMap?.get(0), 'version of a component')
  if (signers !== undefined && signers.length > 1) reading.refuse('a component has more than one signer')
  const signerId = reading.bytes(signers?.[0], 'signer of a component', [TAG_BYTES], SIGNER_LENGTHS)
  if (reading.refusal !== undefined || measurement === undefined || signerId === undefined) return undefined
  return { type, measurement, signerId, version }
}

function readLegacyComponent(reading: Reading, key: CborValue, value: CorimMap): ComponentReference | undefined {
  const id = reading.map(key, 'component id')
  if (id === undefined) return undefined
  const type = reading.optionalText(id.get(1), 'label of a component')
  const version = reading.optionalText(id.get(4), 'version of a component')
  const signerId = id.get(5)
  const measurement = readDigest(reading, value.get(DIGESTS), `component ${shownValue(type ?? '')}`)
  if (!(signerId instanceof Uint8Array) || !SIGNER_LENGTHS.includes(signerId.length))
    return reading.refuse('signer of a component is no byte string of the size of a digest')
  if (reading.refusal !== undefined || measurement === undefined) return undefined
  return { type, measurement, signerId, version }
}
