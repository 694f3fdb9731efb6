/** A generation of the CCA token format: what one row of the profile table has in common. */
export type Generation = 'legacy' | '2023' | '2024' | '2026'

/** How strictly the profiles of the two halves must go together. `known` adds the two mixtures real firmware emits. */
export type Pairing = (typeof PAIRINGS)[number]

/** Every {@link Pairing}, the most lenient first. */
export const PAIRINGS = ['off', 'known', 'strict'] as const

/** What follows from the profile claim of a platform token. */
export interface PlatformProfile {
  readonly generation: Generation
  /** Label of the claim that holds the hash of the Realm attestation key: eat_nonce, or workload binding. */
  readonly bindingLabel: 10 | 2408
  readonly clientIdRequired: boolean
}

const PLATFORM_PROFILES: ReadonlyMap<string, PlatformProfile> = new Map<string, PlatformProfile>([
  ['http://arm.com/CCA-SSD/1.0.0', { generation: 'legacy', bindingLabel: 10, clientIdRequired: false }],
  ['tag:arm.com,2023:cca_platform#1.0.0', { generation: '2023', bindingLabel: 10, clientIdRequired: false }],
  ['tag:arm.com,2024:cca_platform#1.1.0', { generation: '2024', bindingLabel: 10, clientIdRequired: false }],
  ['tag:arm.com,2024:cca_platform#2.0.0', { generation: '2024', bindingLabel: 10, clientIdRequired: true }],
  ['tag:arm.com,2026:cca_platform#2.0.0', { generation: '2026', bindingLabel: 2408, clientIdRequired: true }],
  ['tag:arm.com,2026:cca_platform#2.1.0', { generation: '2026', bindingLabel: 2408, clientIdRequired: true }],
])

const REALM_PROFILES: ReadonlyMap<string, Generation> = new Map<string, Generation>([
  ['tag:arm.com,2023:realm#1.0.0', '2023'],
  ['tag:arm.com,2024:realm#2.0.0', '2024'],
  ['tag:arm.com,2026:realm#2.0.0', '2026'],
])

/** Profile of a group report: a verifier that does not know groups must refuse it. */
export const GROUP_PROFILE = 'tag:mica,2026:group#1.0.0'

/** Profile of a group report in which the root of a tree is signed: whole, or a disclosure of some of its members. */
export const GROUP_TREE_PROFILE = 'tag:mica,2026:group-tree#1.0.0'

/** Profile of the receipt of a revocation: neither a Realm's token nor a report. */
export const RECEIPT_PROFILE = 'tag:mica,2026:revocation#1.0.0'

/**
 * What a platform profile means; `undefined` when it is unknown.
 *
 * Of the suffixes only `delegated` is supported: it is what every other profile means without saying so. Direct mode
 * (no Realm signature) and HESRAK are refused as unknown.
 */
export function platformProfile(profile: string): PlatformProfile | undefined {
  const plain = profile.startsWith('tag:arm.com,2026:') ? profile.replace(/[;#]delegated$/, '') : profile
  return PLATFORM_PROFILES.get(plain)
}

/** The generation of a Realm token by its profile claim, which the legacy one does not have. */
export function realmGeneration(profile: string | undefined): Generation | undefined {
  return profile === undefined ? 'legacy' : REALM_PROFILES.get(profile)
}

/** Realm generations that real firmware pairs with an older platform generation, by the latter. */
const KNOWN_MIXTURES: Readonly<Partial<Record<Generation, Generation>>> = { legacy: '2023', '2023': '2024' }

/** Whether the halves of a token go together. */
export function profilesPair(platform: Generation, realm: Generation, pairing: Pairing): boolean {
  if (pairing === 'off' || platform === realm) return true
  return pairing === 'known' && KNOWN_MIXTURES[platform] === realm
}
