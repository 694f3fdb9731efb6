import { rejectedSubmodules, type Submodule } from './appraisal/submodule.ts'
import type { PlatformClaims } from './cca-token/platform.ts'
import type { RealmClaims } from './cca-token/realm.ts'
import type { DisclosureClaims } from './disclosure/claims.ts'
import type { Finding } from './findings.ts'
import type { GroupClaims } from './group/appraise.ts'
import type { ReceiptClaims } from './receipt/appraise.ts'

/** What a single token says, once it is believed. */
export interface TokenClaims {
  readonly kind: 'token'
  /** Name of the trust anchor that vouches for the platform. */
  readonly trustAnchor: string
  readonly platform: PlatformClaims
  readonly realm: RealmClaims
}

/** What group evidence says, once it is believed. */
export interface GroupEvidenceClaims {
  readonly kind: 'group'
  readonly trustAnchor: string
  readonly platform: PlatformClaims
  /** The key of the monitor, as COSE_Key bytes: as long as the machine runs, everything that it signs is under this one. */
  readonly attestationKey: Uint8Array
  readonly group: GroupClaims
}

/** What the receipt of a revocation says, once it is believed. */
export interface ReceiptEvidenceClaims {
  readonly kind: 'receipt'
  readonly trustAnchor: string
  readonly platform: PlatformClaims
  readonly receipt: ReceiptClaims
}

/** What evidence that shows some members of a group says, once it is believed. It says nothing of the group as a whole. */
export interface DisclosureEvidenceClaims {
  readonly kind: 'disclosure'
  readonly trustAnchor: string
  readonly platform: PlatformClaims
  readonly disclosure: DisclosureClaims
}

/** The believed contents of one kind of evidence. */
export type EvidenceClaims = TokenClaims | GroupEvidenceClaims | ReceiptEvidenceClaims | DisclosureEvidenceClaims

/**
 * The outcome of verification.
 *
 * Accepted: `claims` hold as far as the trust anchor and the expectations go; `notes` are worth a person's look.
 * Rejected: `findings` holds at least one failure, the deciding one first. What could be read of the evidence is in
 * `unverified`, for explanations only: nothing in it is to be believed.
 * Either way `submodules` says part by part how far the attester is to be trusted, as an attestation result does.
 * Accepted is not affirmed: where reference values are missing the status of that part is `none`.
 */
export type Verdict<Claims extends EvidenceClaims = EvidenceClaims> =
  | {
      readonly kind: 'accepted'
      readonly claims: Claims
      readonly notes: readonly Finding[]
      readonly submodules: readonly Submodule[]
    }
  | {
      readonly kind: 'rejected'
      readonly submodules: readonly Submodule[]
      readonly findings: readonly Finding[]
      readonly notes: readonly Finding[]
      readonly unverified?: Claims | undefined
    }

/**
 * Turns what was found into a verdict: any failure rejects.
 *
 * @param claims What the evidence says; required for acceptance, so absence with no failure is a bug of the caller.
 * @param submodules What was appraised; none when it did not come to that.
 */
export function conclude<Claims extends EvidenceClaims>(
  found: readonly Finding[],
  diagnostics: 'first' | 'all' | undefined,
  claims?: Claims,
  submodules: readonly Submodule[] = [],
): Verdict<Claims> {
  const failures = found.filter((one) => one.severity === 'failure')
  const notes = found.filter((one) => one.severity === 'note')
  if (failures.length === 0 && claims !== undefined) return { kind: 'accepted', claims, notes, submodules }
  const findings = diagnostics === 'all' ? failures : failures.slice(0, 1)
  return { kind: 'rejected', submodules: rejectedSubmodules(submodules, failures), findings, notes, unverified: claims }
}
