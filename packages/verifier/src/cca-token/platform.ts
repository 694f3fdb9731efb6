import type { Finding } from '../findings.ts'
import { finding, shown } from '../findings.ts'
import { type ClaimsMap, ClaimsReader, DIGEST_LENGTHS } from './claims.ts'
import { checkOptionalClaims } from './platform-optional.ts'
import { type PlatformProfile, platformProfile } from './profile.ts'

/** One measured component of the platform's firmware. */
export interface SoftwareComponent {
  readonly type?: string | undefined
  readonly measurement: Uint8Array
  readonly version?: string | undefined
  readonly signerId: Uint8Array
  readonly hashAlgorithm?: string | undefined
  /** Whether it was activated while the platform ran, without a reset. */
  readonly liveActivated?: boolean | undefined
  /** Digests of the further keys that signed it. */
  readonly countersigners?: readonly Uint8Array[] | undefined
}

/** The claims of a platform token that are appraised (draft-ffm-rats-cca-token, section 4.5). */
export interface PlatformClaims {
  readonly profile: string
  readonly generation: PlatformProfile['generation']
  /** Hash of the Realm attestation key, from the claim that the profile names. */
  readonly binding: Uint8Array
  readonly bindingLabel: PlatformProfile['bindingLabel']
  readonly implementationId: Uint8Array
  readonly instanceId: Uint8Array
  readonly config: Uint8Array
  /** 16 bits; the low byte is the implementation's own. */
  readonly lifecycle: number
  readonly softwareComponents: readonly SoftwareComponent[]
  readonly verificationService?: string | undefined
  readonly hashAlgorithm: string
}

// Labels, sizes and obligations: the platform claims table of the draft.
const PROFILE = 265
const IMPLEMENTATION_ID = 2396
const INSTANCE_ID = 256
const CONFIG = 2401
const LIFECYCLE = 2395
const SOFTWARE_COMPONENTS = 2399
const VERIFICATION_SERVICE = 2400
const HASH_ALGORITHM = 2402
const CLIENT_ID = 2394

// Of a software component.
const LIVE_ACTIVATED = 7
const COUNTERSIGNERS = 8

/** The only client a CCA platform token is made for: the RMM. */
const CLIENT_RMM = 1

/** UEID type of a random identifier: the first byte of every instance id. */
export const UEID_RAND = 0x01

/** Reads platform claims by their own profile. @returns The claims, or `profile` or every `claims` finding. */
export function decodePlatformClaims(map: ClaimsMap): PlatformClaims | readonly Finding[] {
  const reader = new ClaimsReader('platform', map)
  const profile = reader.text(PROFILE)
  if (reader.findings.length > 0) return reader.findings
  const meaning = platformProfile(profile)
  if (meaning === undefined) {
    return [finding('profile', `unknown platform profile \`${shown(profile)}\``, { claim: `platform ${PROFILE}` })]
  }
  const claims: PlatformClaims = {
    profile,
    generation: meaning.generation,
    bindingLabel: meaning.bindingLabel,
    binding: reader.bytes(meaning.bindingLabel, DIGEST_LENGTHS),
    implementationId: reader.bytes(IMPLEMENTATION_ID, [32]),
    instanceId: reader.bytes(INSTANCE_ID, [33]),
    config: reader.bytes(CONFIG),
    lifecycle: reader.uint(LIFECYCLE, 0xffff),
    softwareComponents: softwareComponents(reader),
    verificationService: reader.optionalText(VERIFICATION_SERVICE),
    hashAlgorithm: reader.hashAlgorithm(HASH_ALGORITHM),
  }
  if (claims.instanceId.length === 33 && claims.instanceId[0] !== UEID_RAND)
    reader.refuse(INSTANCE_ID, 'not a UEID of type RAND')
  if (meaning.clientIdRequired && reader.value(CLIENT_ID) !== CLIENT_RMM && reader.has(CLIENT_ID))
    reader.refuse(CLIENT_ID, 'not 1')
  // Older profiles do not know these labels, and a receiver passes over what its profile does not know.
  if (meaning.generation === '2024' || meaning.generation === '2026') checkOptionalClaims(reader)
  return reader.findings.length > 0 ? reader.findings : claims
}

function softwareComponents(reader: ClaimsReader): readonly SoftwareComponent[] {
  const list = reader.value(SOFTWARE_COMPONENTS)
  if (list === undefined) return []
  if (!Array.isArray(list) || list.length === 0) {
    reader.refuse(SOFTWARE_COMPONENTS, 'not a list of components')
    return []
  }
  const components: SoftwareComponent[] = []
  for (const [index, item] of list.entries()) {
    const component = item instanceof Map ? softwareComponent(item) : undefined
    if (component === undefined) {
      // The first is enough: there may be as many as there are bytes.
      reader.refuse(SOFTWARE_COMPONENTS, `component ${index} is not as the profile says`)
      break
    }
    components.push(component)
  }
  return components
}

function softwareComponent(map: ClaimsMap): SoftwareComponent | undefined {
  const reader = new ClaimsReader('component', map)
  const component: SoftwareComponent = {
    type: reader.optionalText(1),
    measurement: reader.bytes(2, DIGEST_LENGTHS),
    version: reader.optionalText(4),
    signerId: reader.bytes(5, DIGEST_LENGTHS),
    hashAlgorithm: reader.optionalText(6),
    liveActivated: reader.has(LIVE_ACTIVATED) ? reader.boolean(LIVE_ACTIVATED) : undefined,
    countersigners: reader.has(COUNTERSIGNERS) ? reader.digests(COUNTERSIGNERS) : undefined,
  }
  return reader.findings.length > 0 ? undefined : component
}
