import { equalBytes, toHex } from '../bytes.ts'
import type { PlatformClaims, SoftwareComponent } from '../cca-token/platform.ts'
import type { CompatSwitch } from '../compat.ts'
import type { ComponentReference, Endorsements, PlatformReference } from '../endorsements/reference-values.ts'
import { type Finding, finding, short, shown } from '../findings.ts'
import { TRUST, type TrustVector, uniformVector } from './trust-vector.ts'

/** What comparing a platform with its reference values gives. */
export interface PlatformAppraisal {
  readonly findings: readonly Finding[]
  /** Profiles of statements that the measured firmware is endorsed to enforce. Empty when anything differs. */
  readonly enforces: readonly string[]
  /** Of a platform whose token is signed by its trust anchor. */
  readonly vector: TrustVector
}

const LIFECYCLE_SECURED = 0x30
const LIFECYCLE_NON_PLATFORM_DEBUG = 0x40

/**
 * Appraises a verified platform: lifecycle, then configuration and the complete set of firmware components.
 *
 * Of several references for one implementation any may match; the findings are those of the closest. No reference at
 * all is no failure: `no-reference-values` is a note, and the vector makes no claim. An implementation that is missing
 * among those that are known is `unknown-implementation`.
 */
export function appraisePlatform(
  platform: PlatformClaims,
  endorsements: Endorsements,
  compat: readonly CompatSwitch[],
): PlatformAppraisal {
  const lifecycle = checkLifecycle(platform, compat)
  const state = lifecycleTrust(platform, compat)
  const signed: TrustVector = {
    ...uniformVector(TRUST.none),
    hardware: TRUST.affirmed,
    'instance-identity': state,
    'runtime-opaque': state,
    'storage-opaque': state,
  }
  const references = endorsements.platforms.filter((r) => equalBytes(r.implementationId, platform.implementationId))
  if (references.length === 0) {
    const { known, vector } = withoutReference(platform, endorsements, signed)
    return { findings: [...lifecycle, known], enforces: [], vector }
  }
  const compared = references.map((reference) => compareWithReference(platform, reference, compat))
  const closest = compared.reduce((best, next) => (failures(next) < failures(best) ? next : best))
  return {
    findings: [...lifecycle, ...closest.findings],
    enforces: failures(closest) === 0 ? closest.enforces : [],
    vector: { ...signed, ...closest.trust },
  }
}

function withoutReference(platform: PlatformClaims, { platforms }: Endorsements, signed: TrustVector) {
  if (platforms.length === 0) {
    const detail = 'nothing is known about the firmware of this platform'
    return { known: finding('no-reference-values', detail, { claim: 'platform 2399' }), vector: signed }
  }
  const detail = `implementation ${toHex(platform.implementationId)} is not among those that are known`
  const known = finding('unknown-implementation', detail, { claim: 'platform 2396' })
  return { known, vector: { ...signed, hardware: TRUST.unrecognizedHardware } }
}

/** Debugging may reach whatever the platform keeps for its Realms: identity, memory and storage are worth its state. */
function lifecycleTrust(platform: PlatformClaims, compat: readonly CompatSwitch[]): number {
  const state = platform.lifecycle >> 8
  if (state === LIFECYCLE_SECURED) return TRUST.affirmed
  if (state !== LIFECYCLE_NON_PLATFORM_DEBUG) return TRUST.contraindicated
  return compat.includes('non-platform-debug') ? TRUST.affirmed : TRUST.unsafe
}

function checkLifecycle(platform: PlatformClaims, compat: readonly CompatSwitch[]): Finding[] {
  const state = platform.lifecycle >> 8
  if (state === LIFECYCLE_SECURED) return []
  if (state === LIFECYCLE_NON_PLATFORM_DEBUG && compat.includes('non-platform-debug')) {
    return [finding('compat-switch-used', '`non-platform-debug`: the platform allows debug outside its root of trust')]
  }
  const shownState = `0x${platform.lifecycle.toString(16).padStart(4, '0')}`
  return [finding('lifecycle', `lifecycle ${shownState} is not secured (0x30xx)`, { claim: 'platform 2395' })]
}

/** What a reference says about a platform: findings, and the two categories that it is compared in. */
interface Comparison {
  readonly findings: readonly Finding[]
  readonly enforces: readonly string[]
  readonly trust: Pick<TrustVector, 'configuration' | 'executables'>
}

const failures = ({ findings }: Comparison): number => findings.filter((one) => one.severity === 'failure').length

function compareWithReference(
  platform: PlatformClaims,
  reference: PlatformReference,
  compat: readonly CompatSwitch[],
): Comparison {
  const findings: Finding[] = []
  let configuration: number = TRUST.affirmed
  if (reference.config === undefined) {
    configuration = TRUST.none
    findings.push(
      finding('no-reference-values', 'nothing is known about the configuration of this platform', {
        claim: 'platform 2401',
      }),
    )
  } else if (!configMatches(platform.config, reference.config)) {
    configuration = TRUST.unsafe
    findings.push(
      finding('platform-config', `configuration ${toHex(platform.config)} is not the reference`, {
        claim: 'platform 2401',
      }),
    )
  }
  const signerCounts = !compat.includes('signer-id')
  const left = [...reference.components]
  const enforces: string[] = []
  for (const component of platform.softwareComponents) {
    const index = left.findIndex((known) => componentMatches(component, known, signerCounts))
    if (index < 0) {
      findings.push(
        finding('platform-software', `firmware component ${nameOf(component)} is not in the reference`, {
          claim: 'platform 2399',
        }),
      )
    } else enforces.push(...(left.splice(index, 1)[0]?.enforces ?? []))
  }
  for (const missing of left) {
    findings.push(
      finding('platform-software', `firmware component ${nameOf(missing)} of the reference is absent`, {
        claim: 'platform 2399',
      }),
    )
  }
  const recognized = findings.every((one) => one.name !== 'platform-software')
  const executables = recognized ? TRUST.affirmed : TRUST.unrecognizedExecutables
  return { findings, enforces, trust: { configuration, executables } }
}

function configMatches(config: Uint8Array, reference: NonNullable<PlatformReference['config']>): boolean {
  const { value, mask } = reference
  if (mask === undefined) return equalBytes(config, value)
  return config.length === value.length && config.every((byte, i) => ((byte ^ value[i]!) & mask[i]!) === 0)
}

function componentMatches(component: SoftwareComponent, known: ComponentReference, signerCounts: boolean): boolean {
  return (
    component.type === known.type &&
    equalBytes(component.measurement, known.measurement) &&
    (!signerCounts || equalBytes(component.signerId, known.signerId))
  )
}

const nameOf = (component: SoftwareComponent | ComponentReference): string =>
  `\`${shown(component.type ?? 'without type')}\` (${short(component.measurement)})`
