import type { CborValue } from '@mica/policy/cbor'
import type { CorimMap, Reading } from './reading.ts'

// CoMID: environment-map and class-map; the type tags of identifiers.
const CLASS = 0
const INSTANCE = 1
const CLASS_ID = 0
const TAG_UEID = 550
const TAG_BYTES = 560
/** Implementation id, in the legacy dialect. */
const TAG_IMPLEMENTATION_ID = 600

const IMPLEMENTATION_ID_LENGTH = 32
const INSTANCE_ID_LENGTH = 33
const UEID_RAND = 0x01

const DIGEST_LENGTHS = [32, 48, 64]

/** The platform that a trust anchor belongs to. */
export interface PlatformInstance {
  readonly implementationId: Uint8Array
  readonly instanceId: Uint8Array
}

/** The implementation id of a platform's environment: class id of 32 bytes. */
export function readImplementationId(reading: Reading, environment: CorimMap): Uint8Array | undefined {
  const classMap = reading.map(environment.get(CLASS), 'environment.class')
  if (classMap === undefined) return undefined
  return reading.bytes(
    classMap.get(CLASS_ID),
    'environment.class.id',
    [TAG_BYTES, TAG_IMPLEMENTATION_ID],
    [IMPLEMENTATION_ID_LENGTH],
  )
}

/** The environment of reference values of a platform, which are about every instance of it. */
export function readPlatformClass(reading: Reading, value: CborValue | undefined): Uint8Array | undefined {
  const environment = reading.map(value, 'environment')
  if (environment === undefined) return undefined
  if (environment.has(INSTANCE)) return reading.refuse('reference values of a platform name an instance')
  return readImplementationId(reading, environment)
}

/** The environment of a trust anchor: a class, and the UEID of one instance. */
export function readPlatformInstance(reading: Reading, value: CborValue | undefined): PlatformInstance | undefined {
  const environment = reading.map(value, 'environment')
  if (environment === undefined) return undefined
  const implementationId = readImplementationId(reading, environment)
  const instanceId = reading.bytes(environment.get(INSTANCE), 'environment.instance', [TAG_UEID], [INSTANCE_ID_LENGTH])
  if (implementationId === undefined || instanceId === undefined) return undefined
  if (instanceId[0] !== UEID_RAND) return reading.refuse('environment.instance is not a UEID of type RAND')
  return { implementationId, instanceId }
}

/** The initial measurement that names a Realm: its instance in the legacy dialect, its class id since. */
export function readRealmName(reading: Reading, value: CborValue | undefined, legacy: boolean): Uint8Array | undefined {
  const environment = reading.map(value, 'environment')
  if (environment === undefined) return undefined
  if (legacy) return reading.bytes(environment.get(INSTANCE), 'environment.instance', [TAG_BYTES], DIGEST_LENGTHS)
  if (environment.has(INSTANCE)) return reading.refuse('reference values of a Realm name an instance')
  const classMap = reading.map(environment.get(CLASS), 'environment.class')
  if (classMap === undefined) return undefined
  return reading.bytes(classMap.get(CLASS_ID), 'environment.class.id', [TAG_BYTES], DIGEST_LENGTHS)
}
