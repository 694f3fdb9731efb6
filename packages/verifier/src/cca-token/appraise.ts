import { equalBytes, toHex } from '../bytes.ts'
import type { CompatSwitch } from '../compat.ts'
import { type Finding, finding, short, shown } from '../findings.ts'
import type { ComponentReference, Endorsements, PlatformReference } from '../reference-values.ts'
import type { PlatformClaims, SoftwareComponent } from './platform.ts'
import type { RealmClaims } from './realm.ts'

/** What comparing a platform with its reference values gives. */
export interface PlatformAppraisal {
  readonly findings: readonly Finding[]
  /** Profiles of statements that the measured firmware is endorsed to enforce. Empty when anything differs. */
  readonly enforces: readonly string[]
}

const LIFECYCLE_SECURED = 0x30
const LIFECYCLE_NON_PLATFORM_DEBUG = 0x40

/**
 * Appraises a verified platform: lifecycle, then configuration and the complete set of firmware components.
 *
 * Of several references for one implementation any may match; the findings are those of the closest. No reference is
 * no failure: `no-reference-values` is a note.
 */
export function appraisePlatform(
  platform: PlatformClaims,
  endorsements: Endorsements,
  compat: readonly CompatSwitch[],
): PlatformAppraisal {
  const lifecycle = checkLifecycle(platform, compat)
  const references = endorsements.platforms.filter((r) => equalBytes(r.implementationId, platform.implementationId))
  if (references.length === 0) {
    const note = finding('no-reference-values', 'nothing is known about the firmware of this platform', {
      claim: 'platform 2399',
    })
    return { findings: [...lifecycle, note], enforces: [] }
  }
  const compared = references.map((reference) => compareWithReference(platform, reference, compat))
  const closest = compared.reduce((best, next) => (next.findings.length < best.findings.length ? next : best))
  return {
    findings: [...lifecycle, ...closest.findings],
    enforces: closest.findings.length === 0 ? closest.enforces : [],
  }
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

function compareWithReference(
  platform: PlatformClaims,
  reference: PlatformReference,
  compat: readonly CompatSwitch[],
): PlatformAppraisal {
  const findings: Finding[] = []
  if (reference.config !== undefined && !configMatches(platform.config, reference.config)) {
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
  return { findings, enforces }
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

/** What a caller expects of a single Realm, beside the endorsements. Absent: not compared. */
export interface RealmExpectations {
  readonly rims?: readonly Uint8Array[] | undefined
  readonly rpv?: Uint8Array | undefined
  readonly rems?: readonly Uint8Array[] | undefined
}

/**
 * Appraises a verified Realm against what the caller expects and, for a RIM that is endorsed, against its references.
 * @returns Findings in the order `rim`, `rpv`, `rem`; `no-reference-values` when there was nothing to compare with.
 */
export function appraiseRealm(
  realm: RealmClaims,
  endorsements: Endorsements,
  expected: RealmExpectations,
): readonly Finding[] {
  const endorsed = endorsements.realms.filter((reference) => equalBytes(reference.rim, realm.rim))
  if (expected.rims === undefined && endorsements.realms.length === 0) {
    const note = finding('no-reference-values', 'nothing is known about the initial measurement', {
      claim: 'realm 44238',
    })
    return [note, ...compareRealm(realm, expected)]
  }
  const known =
    expected.rims === undefined ? endorsed.length > 0 : expected.rims.some((rim) => equalBytes(rim, realm.rim))
  if (!known)
    return [finding('rim', `initial measurement ${toHex(realm.rim)} is not expected`, { claim: 'realm 44238' })]
  const own = compareRealm(realm, expected)
  const differences = endorsed.map((reference) => compareRealm(realm, reference))
  const closest = differences.reduce<readonly Finding[]>(
    (best, next) => (next.length < best.length ? next : best),
    differences[0] ?? [],
  )
  return [...own, ...closest]
}

function compareRealm(realm: RealmClaims, expected: RealmExpectations): readonly Finding[] {
  const findings: Finding[] = []
  if (expected.rpv !== undefined && !equalBytes(expected.rpv, realm.rpv)) {
    findings.push(finding('rpv', 'the personalization value is not the expected one', { claim: 'realm 44235' }))
  }
  const { rems } = expected
  if (
    rems !== undefined &&
    !(rems.length === realm.rems.length && rems.every((rem, i) => equalBytes(rem, realm.rems[i]!)))
  ) {
    findings.push(finding('rem', 'the extensible measurements are not the expected ones', { claim: 'realm 44239' }))
  }
  return findings
}
