import { fromHex } from '../bytes.ts'
import { DIGEST_LENGTHS } from '../cca-token/claims.ts'
import { type FileReading, hexMember, isRecord, parseJson } from '../json.ts'

const REM_COUNT = 4

/** A firmware component that an endorser knows. */
export interface ComponentReference {
  readonly type?: string | undefined
  readonly measurement: Uint8Array
  readonly signerId: Uint8Array
  readonly version?: string | undefined
  /**
   * Statement formats whose content this component guarantees, by profile. A group report is worth what its RMM is:
   * only one marked with the group profile is known to enforce the policies it reports.
   */
  readonly enforces?: readonly string[] | undefined
}

/** One acceptable state of a platform: the complete set of its components, and its configuration. */
export interface PlatformReference {
  readonly implementationId: Uint8Array
  /** Expected configuration; bits outside `mask` do not count, all count without one. */
  readonly config?: { readonly value: Uint8Array; readonly mask?: Uint8Array | undefined } | undefined
  readonly components: readonly ComponentReference[]
}

/** One acceptable Realm. What is absent is not compared. */
export interface RealmReference {
  readonly rim: Uint8Array
  readonly rpv?: Uint8Array | undefined
  /** The four extensible measurements; those that are `undefined` are not compared. */
  readonly rems?: readonly (Uint8Array | undefined)[] | undefined
}

/** What endorsers say about platforms and Realms. Several entries for one platform are alternatives. */
export interface Endorsements {
  readonly platforms: readonly PlatformReference[]
  readonly realms: readonly RealmReference[]
}

/** No endorsements: nothing is compared, and a note says so. */
export const NO_ENDORSEMENTS: Endorsements = { platforms: [], realms: [] }

/**
 * Reads a JSON reference-value file, in the shape other CCA tools use:
 * `{ "platform": [{ "implementation-id", "platform-configuration"?, "platform-configuration-mask"?,
 * "sw-components": [{ "component-type"?, "measurement-value", "signer-id", "version"?, "enforces"? }] }],
 * "realm": [{ "initial-measurement", "personalization-value"?, "extensible-measurements"? }] }`, bytes in hex.
 * The mask and `enforces` are our own additions.
 */
export function readReferenceValues(text: string): FileReading<Endorsements> {
  const json = parseJson(text)
  if (!isRecord(json)) return { kind: 'refused', reason: 'a reference-value file is a JSON object' }
  const platforms = all(json['platform'] ?? [], platformReference)
  if (platforms === undefined) return { kind: 'refused', reason: 'a `platform` entry is not as the format says' }
  const realms = all(json['realm'] ?? [], realmReference)
  if (realms === undefined) return { kind: 'refused', reason: 'a `realm` entry is not as the format says' }
  return { kind: 'read', value: { platforms, realms } }
}

function all<T>(list: unknown, read: (entry: Readonly<Record<string, unknown>>) => T | undefined): T[] | undefined {
  if (!Array.isArray(list)) return undefined
  const values: T[] = []
  for (const entry of list) {
    const value = isRecord(entry) ? read(entry) : undefined
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

type Json = Readonly<Record<string, unknown>>

/** A member that may be absent (or null, as some tools write it) but not wrong: `undefined` means wrong, an empty array absent. */
function optional<T>(entry: Json, name: string, read: (value: unknown) => T | undefined): [] | [T] | undefined {
  if (entry[name] === undefined || entry[name] === null) return []
  const value = read(entry[name])
  return value === undefined ? undefined : [value]
}

const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const asHex = (value: unknown): Uint8Array | undefined => (typeof value === 'string' ? fromHex(value) : undefined)
/** Of any other size nothing in evidence can be equal to it. */
const asDigest = (value: unknown): Uint8Array | undefined => {
  const digest = asHex(value)
  return digest !== undefined && DIGEST_LENGTHS.includes(digest.length) ? digest : undefined
}
const asList = <T>(read: (value: unknown) => T | undefined): ((value: unknown) => T[] | undefined) => {
  return (value) => {
    if (!Array.isArray(value)) return undefined
    const items = value.map(read).filter((item) => item !== undefined)
    return items.length === value.length ? items : undefined
  }
}

function platformReference(entry: Json): PlatformReference | undefined {
  const implementationId = hexMember(entry, 'implementation-id')
  const config = optional(entry, 'platform-configuration', asHex)
  const mask = optional(entry, 'platform-configuration-mask', asHex)
  const components = all(entry['sw-components'], componentReference)
  if (implementationId?.length !== 32 || config === undefined || mask === undefined || components === undefined)
    return undefined
  const [value] = config
  if (value === undefined) return mask.length === 0 ? { implementationId, components } : undefined
  if (mask[0] !== undefined && mask[0].length !== value.length) return undefined
  return { implementationId, config: { value, mask: mask[0] }, components }
}

function componentReference(entry: Json): ComponentReference | undefined {
  const measurement = asDigest(entry['measurement-value'])
  const signerId = asDigest(entry['signer-id'])
  const type = optional(entry, 'component-type', asText)
  const version = optional(entry, 'version', asText)
  const enforces = optional(entry, 'enforces', asList(asText))
  if (measurement === undefined || signerId === undefined) return undefined
  if (type === undefined || version === undefined || enforces === undefined) return undefined
  return { type: type[0], measurement, signerId, version: version[0], enforces: enforces[0] }
}

function realmReference(entry: Json): RealmReference | undefined {
  const rim = asDigest(entry['initial-measurement'])
  const rpv = optional(entry, 'personalization-value', asHex)
  const rems = optional(entry, 'extensible-measurements', asList(asDigest))
  if (rim === undefined || rpv === undefined || rems === undefined) return undefined
  if (rems[0] !== undefined && rems[0].length !== REM_COUNT) return undefined
  return { rim, rpv: rpv[0], rems: rems[0] }
}
