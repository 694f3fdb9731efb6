import type { Pairing } from './cca-token/profile.ts'
import type { CompatSwitch } from './compat.ts'
import type { SignatureVerifier } from './cose/signature.ts'
import type { Endorsements } from './endorsements/reference-values.ts'
import type { TrustAnchor } from './endorsements/trust-anchors.ts'

/** What verification of any evidence is told. Everything here is the caller's own; nothing comes from the attester. */
export interface VerificationOptions<Expectations> {
  /** The platforms that are believed. The simulator's is one like any other, and is never implied. */
  readonly trustAnchors: readonly TrustAnchor[]
  /** Reference values. Absent: none. */
  readonly endorsements?: Endorsements | undefined
  /** The 64 bytes that this evidence was asked for with. */
  readonly challenge: Uint8Array
  readonly expectations: Expectations
  /** `first` (the default) stops at the stage that fails; `all` goes as far as the evidence can be read. */
  readonly diagnostics?: 'first' | 'all' | undefined
  /** How strictly platform and Realm profiles go together; `known` by default. */
  readonly pairing?: Pairing | undefined
  readonly compat?: readonly CompatSwitch[] | undefined
  /** Signature implementation; by default the fastest that answers at once: `node:crypto`, or noble where Node is not. */
  readonly signatures?: SignatureVerifier | undefined
}

/** Bytes of a challenge. Callers with shorter ones pad them with zeroes on the right, as guests do. */
export const CHALLENGE_LENGTH = 64
