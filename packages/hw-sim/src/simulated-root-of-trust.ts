import { createECDH, createHash } from 'node:crypto'
import { p384Scalar } from './ecdsa.ts'

/** One measured piece of firmware, as claim 2399 of a platform token lists it. */
export interface SoftwareComponent {
  readonly type: string
  readonly version: string
  /** SHA-256, 32 bytes. */
  readonly measurement: Uint8Array
  /** SHA-256 of who signed it, 32 bytes. */
  readonly signerId: Uint8Array
}

/** The public half of a platform's identity: what an endorser publishes and a verifier is told. */
export interface PlatformIdentity {
  readonly name: string
  /** Profile of the tokens it signs. */
  readonly profile: string
  /** 32 bytes: the make of the platform. */
  readonly implementationId: Uint8Array
  /** 33 bytes, the first 0x01: one device of that make. */
  readonly instanceId: Uint8Array
  /** The attestation key of the platform, public half, as JWK. */
  readonly cpak: { readonly kty: 'EC'; readonly crv: 'P-384'; readonly x: string; readonly y: string }
  readonly softwareComponents: readonly SoftwareComponent[]
  readonly config: Uint8Array
  /** 0x30xx is secured. */
  readonly lifecycle: number
}

const sha256 = (...parts: readonly (Uint8Array | string)[]): Uint8Array =>
  Uint8Array.from(parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest())

/** What root firmware loads when nothing else is said: the monitor with its extension. Part of what is measured. */
export const DEFAULT_MONITOR_VERSION = 'mica-rmm 1.0 +mica 1'

/** Seed of the simulated attestation key: written here for everyone to read, and therefore worth no trust at all. */
const CPAK_SEED = 'mica simulated root of trust: CCA platform attestation key, known to everyone'

/** The private scalar of the simulated CPAK. The same on every simulated machine. */
export const SIMULATED_CPAK_PRIVATE: Uint8Array = p384Scalar(
  Uint8Array.from([
    ...createHash('sha512').update(CPAK_SEED).digest(),
    ...createHash('sha512').update(`${CPAK_SEED}, more`).digest().subarray(0, 8),
  ]),
)

const SIGNER = sha256('mica simulated firmware signer')

/**
 * The measurement of a piece of firmware: H(0 || H(component)), as boot measurements are reported.
 *
 * SIMPLIFIED: what stands for the component is the text of its name and version, not the bytes of a build.
 */
function component(type: string, version: string): SoftwareComponent {
  return { type, version, measurement: sha256(new Uint8Array(32), sha256(`${type} ${version}`)), signerId: SIGNER }
}

/** What runs on a simulated platform whose monitor is `monitorVersion`. */
export function simulatedComponents(monitorVersion: string): readonly SoftwareComponent[] {
  return [component('BL', '1'), component('EL3', '1'), component('RMM', monitorVersion)]
}

function publicJwk(): PlatformIdentity['cpak'] {
  const key = createECDH('secp384r1')
  key.setPrivateKey(SIMULATED_CPAK_PRIVATE)
  const point = key.getPublicKey()
  return {
    kty: 'EC',
    crv: 'P-384',
    x: point.subarray(1, 49).toString('base64url'),
    y: point.subarray(49).toString('base64url'),
  }
}

/**
 * The identity of every simulated machine. A verifier accepts it only if it is told to: the private half of its key is
 * public knowledge.
 */
export const SIMULATED_ROOT_OF_TRUST: PlatformIdentity = {
  name: 'simulated',
  profile: 'tag:arm.com,2023:cca_platform#1.0.0',
  implementationId: sha256('mica simulated implementation'),
  instanceId: Uint8Array.of(0x01, ...sha256('mica simulated instance')),
  cpak: publicJwk(),
  softwareComponents: simulatedComponents(DEFAULT_MONITOR_VERSION),
  config: Uint8Array.of(0x6d, 0x69, 0x63, 0x61),
  lifecycle: 0x3003,
}
