/** The aspects that an attester is appraised in (draft-ietf-rats-ar4si), in the order of their CBOR keys. */
export const TRUST_CATEGORIES = [
  'instance-identity',
  'configuration',
  'executables',
  'file-system',
  'hardware',
  'runtime-opaque',
  'storage-opaque',
  'sourced-data',
] as const

export type TrustCategory = (typeof TRUST_CATEGORIES)[number]

/** One value from -128 to 127 for each aspect; 0 makes no claim. */
export type TrustVector = Readonly<Record<TrustCategory, number>>

/** How good a value is, from the one that says least to the worst. */
export type TrustTier = 'none' | 'affirming' | 'warning' | 'contraindicated'

export const TRUST_TIERS: readonly TrustTier[] = ['none', 'affirming', 'warning', 'contraindicated']

/** Values of AR4SI as CCA appraisal uses them. */
export const TRUST = {
  none: 0,
  /** The evidence has elements that the verifier could not read. */
  unexpectedEvidence: 1,
  /** Recognized, and as the reference says: in every category. */
  affirmed: 2,
  /** Executables: what was booted is approved; what came later was not compared. */
  approvedBoot: 3,
  /** Configuration: exposed, or not as the reference says. Identity, runtime and storage: open to debugging. */
  unsafe: 32,
  /** Executables: some are not recognized. */
  unrecognizedExecutables: 33,
  contraindicated: 96,
  /** Hardware: not recognized. */
  unrecognizedHardware: 97,
  /** Executables: what was booted is not recognized. AR4SI has no value of its own for it; this one is of private use. */
  unrecognizedBoot: -97,
  /** A signature, a binding or a nonce is wrong: in every category. */
  cryptoFailed: 99,
} as const

/** The tier of a value (draft-ietf-rats-ar4si, section 2.3.2). */
export function tierOf(value: number): TrustTier {
  if (value >= -1 && value <= 1) return 'none'
  const magnitude = value < 0 ? -value - 1 : value
  return magnitude < 32 ? 'affirming' : magnitude < 96 ? 'warning' : 'contraindicated'
}

/** The worst tier of a vector; `none` where nothing is claimed. */
export function worstTier(vector: TrustVector): TrustTier {
  const ranks = TRUST_CATEGORIES.map((category) => TRUST_TIERS.indexOf(tierOf(vector[category])))
  return TRUST_TIERS[Math.max(...ranks)]!
}

/** A vector that says `value` in every category. */
export const uniformVector = (value: number): TrustVector => ({
  'instance-identity': value,
  configuration: value,
  executables: value,
  'file-system': value,
  hardware: value,
  'runtime-opaque': value,
  'storage-opaque': value,
  'sourced-data': value,
})
