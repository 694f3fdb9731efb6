export type { PlatformAppraisal } from './appraisal/platform.ts'
export type { RealmExpectations } from './appraisal/realm.ts'
export { overallStatus, type Submodule } from './appraisal/submodule.ts'
export { type TrustCategory, type TrustTier, type TrustVector, tierOf } from './appraisal/trust-vector.ts'
export { type JsonClaims, readClaimsJson } from './cca-token/claims-json.ts'
export { type ClaimsReading, readPlatformClaims, readRealmClaims } from './cca-token/claims-set.ts'
export { profileOf } from './cca-token/decode.ts'
export { TOKEN_SIZE_LIMIT } from './cca-token/envelope.ts'
export type { PlatformClaims, SoftwareComponent } from './cca-token/platform.ts'
export { type Generation, GROUP_PROFILE, PAIRINGS, type Pairing } from './cca-token/profile.ts'
export type { RealmClaims, RealmStatement } from './cca-token/realm.ts'
export { verifyToken } from './cca-token/verify.ts'
export { COMPAT_SWITCHES, type CompatSwitch } from './compat.ts'
export type { CertificateVerifier, ChainCheck } from './corim/certificates.ts'
export { nodeCertificates } from './corim/certificates-node.ts'
export { CORIM_SIZE_LIMIT, type CorimOptions, readCorim } from './corim/read.ts'
export type { EndorsementSigners } from './corim/signed.ts'
export { nobleSignatures } from './cose/ecdsa-noble.ts'
export { nodeSignatures } from './cose/ecdsa-node.ts'
export { withWebCrypto } from './cose/ecdsa-webcrypto.ts'
export { type Curve, type EcJwk, type EcPublicKey, keyFromJwk } from './cose/key.ts'
export { rememberSignatures } from './cose/remembered.ts'
export type { SignatureVerifier, SigningAlgorithm } from './cose/signature.ts'
export { keyFromPem } from './cose/spki.ts'
export { type EarClaims, type EarForm, type EarOptions, earOf, type VerifierId } from './ear/ear.ts'
export { type EarExpectations, type EcPrivateJwk, signEar, verifyEar } from './ear/jwt.ts'
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
export type { Finding, FindingName, FindingPlace, Severity } from './findings.ts'
export type { GroupClaims } from './group/appraise.ts'
export type { AssertionClaims } from './group/assertions.ts'
export { GROUP_SIZE_LIMIT } from './group/evidence.ts'
export type { GroupExpectations } from './group/expectations.ts'
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
export { renderVerdict, type VerdictJson, verdictJson } from './report.ts'
export {
  derivedChallenge,
  type SetChallenges,
  type SetOptions,
  type SetVerdict,
  verifyTokenSet,
} from './set/verify-set.ts'
export type { EvidenceClaims, GroupEvidenceClaims, TokenClaims, Verdict } from './verdict.ts'
export { verify } from './verify.ts'
