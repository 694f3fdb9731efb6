import { createHmac } from 'node:crypto'
import { type CborKey, type CborValue, encodeCbor, encodeCborInGivenOrder } from '@mica/policy/cbor'
import { p384Scalar, signP384 } from './ecdsa.ts'
import {
  DEFAULT_MONITOR_VERSION,
  SIMULATED_CPAK_PRIVATE,
  SIMULATED_ROOT_OF_TRUST,
  type SoftwareComponent,
  simulatedComponents,
} from './simulated-root-of-trust.ts'

/** Claim labels of a CCA platform token (draft-ffm-rats-cca-token, platform claims). */
const CLAIM = {
  challenge: 10,
  instanceId: 256,
  profile: 265,
  lifecycle: 2395,
  implementationId: 2396,
  softwareComponents: 2399,
  config: 2401,
  hashAlgorithm: 2402,
} as const

/** Keys within one software component. */
const COMPONENT = { type: 1, measurement: 2, version: 4, signerId: 5, hashAlgorithm: 6 } as const

/** Name of the hash of all measurements and of the binding. */
const HASH_ALGORITHM = 'sha-256'

/** COSE: tag of COSE_Sign1, header label `alg`, and the algorithm ECDSA with SHA-384 (RFC 9052, RFC 9053). */
const COSE_SIGN1_TAG = 18
const COSE_ALG = 1
const COSE_ES384 = -35

/**
 * The hardware-enforced security module: holds the platform attestation key, derives the Realm attestation key of this
 * boot, and signs platform tokens.
 */
export class RootOfTrust {
  readonly #seed: Uint8Array
  #monitorVersion = DEFAULT_MONITOR_VERSION

  constructor(seed: Uint8Array) {
    this.#seed = Uint8Array.from(seed)
  }

  /** Records which monitor root firmware loaded: its measurement is in every platform token made afterwards. */
  measureMonitor(version: string): void {
    this.#monitorVersion = version
  }

  /** The Realm attestation key of this boot: a P-384 scalar, 48 bytes. */
  realmAttestationKey(): Uint8Array {
    const block = (index: number): Uint8Array =>
      createHmac('sha512', this.#seed).update(`realm attestation key ${index}`).digest()
    return p384Scalar(Uint8Array.from([...block(0), ...block(1).subarray(0, 8)]))
  }

  /**
   * A platform token: COSE_Sign1 (tag 18, ES384) over the claims of profile `tag:arm.com,2023:cca_platform#1.0.0`.
   *
   * @param challenge 32, 48 or 64 bytes: the hash of the Realm attestation key, which binds the two tokens.
   */
  platformToken(challenge: Uint8Array): Uint8Array {
    const protectedHeader = encodeCbor(new Map<CborKey, CborValue>([[COSE_ALG, COSE_ES384]]))
    const payload = encodeCborInGivenOrder(platformClaims(challenge, simulatedComponents(this.#monitorVersion)))
    const signed = encodeCbor(['Signature1', protectedHeader, new Uint8Array(), payload])
    const signature = signP384(SIMULATED_CPAK_PRIVATE, signed)
    return encodeCbor({
      tag: COSE_SIGN1_TAG,
      value: [protectedHeader, new Map<CborKey, CborValue>(), payload, signature],
    })
  }
}

/** In the order in which platforms emit them. The verification service, which is optional, is left out: there is none. */
function platformClaims(challenge: Uint8Array, components: readonly SoftwareComponent[]): CborValue {
  const platform = SIMULATED_ROOT_OF_TRUST
  return new Map<CborKey, CborValue>([
    [CLAIM.profile, platform.profile],
    [CLAIM.challenge, challenge],
    [CLAIM.implementationId, platform.implementationId],
    [CLAIM.instanceId, platform.instanceId],
    [CLAIM.config, platform.config],
    [CLAIM.lifecycle, platform.lifecycle],
    [CLAIM.hashAlgorithm, HASH_ALGORITHM],
    [CLAIM.softwareComponents, components.map(componentClaim)],
  ])
}

function componentClaim(component: SoftwareComponent): CborValue {
  return new Map<CborKey, CborValue>([
    [COMPONENT.type, component.type],
    [COMPONENT.version, component.version],
    [COMPONENT.signerId, component.signerId],
    [COMPONENT.measurement, component.measurement],
    [COMPONENT.hashAlgorithm, HASH_ALGORITHM],
  ])
}
