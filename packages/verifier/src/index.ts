export type { PlatformAppraisal, RealmExpectations } from './cca-token/appraise.ts'
export { profileOf } from './cca-token/decode.ts'
export { TOKEN_SIZE_LIMIT } from './cca-token/envelope.ts'
export type { PlatformClaims, SoftwareComponent } from './cca-token/platform.ts'
export { type Generation, GROUP_PROFILE, type Pairing } from './cca-token/profile.ts'
export type { RealmClaims, RealmStatement } from './cca-token/realm.ts'
export { verifyToken } from './cca-token/verify.ts'
export type { CompatSwitch } from './compat.ts'
export { nobleSignatures } from './cose/ecdsa-noble.ts'
export { nodeSignatures } from './cose/ecdsa-node.ts'
export type { Curve, EcJwk, EcPublicKey } from './cose/key.ts'
export type { SignatureVerifier, SigningAlgorithm } from './cose/signature.ts'
export type { Finding, FindingName, FindingPlace, Severity } from './findings.ts'
export type { GroupClaims } from './group/appraise.ts'
export type { AssertionClaims } from './group/assertions.ts'
export { GROUP_SIZE_LIMIT } from './group/evidence.ts'
export type { GroupExpectations } from './group/expectations.ts'
export type { ChannelClaims, MemberClaims, OpenedGroup } from './group/members.ts'
export {
  type KeyRelease,
  type KeyReleaseRequest,
  keyReleaseChallenge,
  type Recipient,
  releaseKey,
} from './key-release.ts'
export { type Lock, readLock } from './lock.ts'
export { CHALLENGE_LENGTH, type VerificationOptions } from './options.ts'
export {
  type ComponentReference,
  type Endorsements,
  NO_ENDORSEMENTS,
  type PlatformReference,
  type RealmReference,
  readReferenceValues,
} from './reference-values.ts'
export { renderVerdict, type VerdictJson, verdictJson } from './report.ts'
export { type FileReading, readTrustAnchors, type TrustAnchor } from './trust-anchors.ts'
export type { EvidenceClaims, GroupEvidenceClaims, TokenClaims, Verdict } from './verdict.ts'
export { verify } from './verify.ts'
