/** Claim labels of the Arm CCA attestation token (DEN0137 A7.2, RFC 9711) and of Mica. */
export const CLAIM = {
  challenge: 10,
  profile: 265,
  realmPersonalizationValue: 44235,
  realmHashAlgorithm: 44236,
  realmPublicKey: 44237,
  realmInitialMeasurement: 44238,
  realmExtensibleMeasurements: 44239,
  realmPublicKeyHashAlgorithm: 44240,
  /** Digest of the frozen policy; only in tokens of Realms that have one. */
  micaPolicyDigest: -75009,
  /** The group, a byte string. */
  micaGroup: -75010,
  /** Index of the member that asked. */
  micaRequester: -75011,
  /** What was revoked: name of the memory, its granules, the members that lost it with the heads of their chains. */
  micaRevocation: -75012,
} as const

export const REALM_PROFILE = 'tag:arm.com,2023:realm#1.0.0'
/** A verifier that does not know groups refuses a group statement by its profile. */
export const GROUP_PROFILE = 'tag:mica,2026:group#1.0.0'

/** The receipt of a revocation. It is about no Realm's state, so a verifier of Realm tokens refuses it by its profile. */
export const REVOCATION_PROFILE = 'tag:mica,2026:revocation#1.0.0'

/** Keys of the collection that joins platform and Realm token. */
export const PLATFORM_TOKEN = 44234
export const REALM_TOKEN = 44241

/** Tag of the collection as RMM 1.0 writes it, of the one that carries content types, and that content type (eat+cwt). */
export const COLLECTION_TAG = 399
export const CMW_COLLECTION_TAG = 907
export const EAT_CWT_CONTENT_FORMAT = 263
