export { defaultSignatures } from '#default-signatures'
export type { PlatformAppraisal } from './appraisal/platform.ts'
export type { RealmExpectations } from './appraisal/realm.ts'
export { overallStatus, type Submodule } from './appraisal/submodule.ts'
export { type TrustCategory, type TrustTier, type TrustVector, tierOf } from './appraisal/trust-vector.ts'
export { type JsonClaims, readClaimsJson } from './cca-token/claims-json.ts'
export { type ClaimsReading, readPlatformClaims, readRealmClaims } from './cca-token/claims-set.ts'
export { profileOf } from './cca-token/decode.ts'
export { TOKEN_SIZE_LIMIT } from './cca-token/envelope.ts'
export type { PlatformClaims, SoftwareComponent } from './cca-token/platform.ts'
export {
  type Generation,
  GROUP_PROFILE,
  GROUP_TREE_PROFILE,
  PAIRINGS,
  type Pairing,
  RECEIPT_PROFILE,
} from './cca-token/profile.ts'
export type { RealmClaims, RealmStatement } from './cca-token/realm.ts'
export { verifyToken } from './cca-token/verify.ts'
export { COMPAT_SWITCHES, type CompatSwitch } from './compat.ts'
export { type CorimDescription, type CorimValidity, encodeCorim } from './corim/encode.ts'
export type { CorimSubject } from './corim/profile.ts'
export { CORIM_SIZE_LIMIT, type CorimOptions, readCorim } from './corim/read.ts'
export { type CorimSignature, signCorim } from './corim/sign.ts'
export type { EndorsementSigners } from './corim/signed.ts'
export { readSigners } from './corim/signers.ts'
export { nobleSignatures } from './cose/ecdsa-noble.ts'
export { withWebCrypto } from './cose/ecdsa-webcrypto.ts'
export { type Curve, type EcJwk, type EcPrivateJwk, type EcPublicKey, keyFromJwk } from './cose/key.ts'
export { rememberSignatures } from './cose/remembered.ts'
export type { SignatureVerifier, SigningAlgorithm } from './cose/signature.ts'
export { keyFromPem } from './cose/spki.ts'
export type { DisclosureExpectations } from './disclosure/appraise.ts'
export type { DisclosedEdge, DisclosedMember, DisclosureClaims } from './disclosure/claims.ts'
export { type Disclosing, disclose, type MemberChoice } from './disclosure/disclose.ts'
export { verifyDisclosure } from './disclosure/verify.ts'
export {
  type EarClaims,
  type EarForm,
  type EarOptions,
  earOf,
  earOfSet,
  type SetResult,
  type VerifierId,
} from './ear/ear.ts'
export { type EarExpectations, signEar, verifyEar } from './ear/jwt.ts'
export { type Ear, type EarPart, type EarReading, readEar } from './ear/read.ts'
export { type EndorsementFile, joinEndorsements } from './endorsements/endorsement-file.ts'
export { type Lock, lockEndorsements, readLock } from './endorsements/lock.ts'
export { readEndorsements } from './endorsements/read.ts'
export {
  type ComponentReference,
  type Endorsements,
  NO_ENDORSEMENTS,
  type PlatformReference,
  type RealmReference,
  readReferenceValues,
} from './endorsements/reference-values.ts'
export { readTrustAnchors, type TrustAnchor } from './endorsements/trust-anchors.ts'
export { type CarriedEvidence, readEvidence } from './evidence.ts'
export type { Finding, FindingName, FindingPlace, Severity } from './findings.ts'
export type { GroupClaims } from './group/appraise.ts'
export type { AssertionClaims } from './group/assertions.ts'
export { GROUP_SIZE_LIMIT } from './group/evidence.ts'
export type { GroupExpectations } from './group/expectations.ts'
export {
  type ExpectationsFile,
  printExpectations,
  readDigest,
  readExpectations,
} from './group/expectations-file.ts'
export type { ChannelClaims, MemberClaims, OpenedGroup } from './group/members.ts'
export type { FileReading } from './json.ts'
export {
  type KeyRelease,
  type KeyReleaseRequest,
  keyReleaseChallenge,
  type Recipient,
  releaseKey,
} from './key-release.ts'
export { CHALLENGE_LENGTH, type VerificationOptions } from './options.ts'
export type { EndedAccess, ReceiptClaims, ReceiptContext, ReceiptExpectations } from './receipt/appraise.ts'
export type { LostMember } from './receipt/evidence.ts'
export { verifyReceipt } from './receipt/verify.ts'
export { renderVerdict, type VerdictJson, verdictJson } from './report.ts'
export {
  derivedChallenge,
  type SetChallenges,
  type SetOptions,
  type SetVerdict,
  verifyTokenSet,
} from './set/verify-set.ts'
export type {
  DisclosureEvidenceClaims,
  EvidenceClaims,
  GroupEvidenceClaims,
  ReceiptEvidenceClaims,
  TokenClaims,
  Verdict,
} from './verdict.ts'
export { verify } from './verify.ts'
