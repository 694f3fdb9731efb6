import type {
  DisclosureEvidenceClaims,
  DisclosureExpectations,
  Endorsements,
  GroupEvidenceClaims,
  GroupExpectations,
  KeyRelease,
  KeyReleaseRequest,
  ReceiptEvidenceClaims,
  ReceiptExpectations,
  SetOptions,
  SetVerdict,
  TrustAnchor,
  Verdict,
  VerificationOptions,
} from '@mica/verifier'

/** Something that judges evidence, and releases secrets on its own judgement: in this process, or elsewhere. */
export interface EvidenceVerifier {
  readonly name: string
  /** One line for a list. */
  readonly description: string
  /** Judges a group report. No bytes of evidence make it reject its promise. */
  verify(evidence: Uint8Array, options: VerificationOptions<GroupExpectations>): Promise<Verdict<GroupEvidenceClaims>>
  /** Judges tokens of single Realms that answer one request: one, or several as a set. Rejects as little. */
  verifyTokens(tokens: readonly Uint8Array[], options: SetOptions): Promise<SetVerdict>
  /** Judges the receipt of a revocation. Rejects as little. */
  verifyReceipt(
    evidence: Uint8Array,
    options: VerificationOptions<ReceiptExpectations>,
  ): Promise<Verdict<ReceiptEvidenceClaims>>
  /** Judges evidence that shows some members of a group. Rejects as little. */
  verifyDisclosure(
    evidence: Uint8Array,
    options: VerificationOptions<DisclosureExpectations>,
  ): Promise<Verdict<DisclosureEvidenceClaims>>
  /** Judges a group report, and seals a secret to the key that it binds if, and only if, everything holds. */
  release(request: KeyReleaseRequest): Promise<KeyRelease>
}

/** Platforms that can be believed, by a name that a person has to say: `--trust simulated`. */
export interface TrustRoot {
  readonly name: string
  /** One line for a list: what believing it means. */
  readonly description: string
  readonly anchors: readonly TrustAnchor[]
  readonly endorsements: Endorsements
}
