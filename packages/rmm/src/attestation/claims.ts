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
  /** What was revoked: name of the memory, its granules, the members that lost it with the heads that their chains had. */
  micaRevocation: -75012,
  /** Of a group that is signed as a tree: [leaves, root]. The requester is then the leaf of the member that asked. */
  micaGroupTree: -75013,
} as const

export const REALM_PROFILE = 'tag:arm.com,2023:realm#1.0.0'
/** A verifier that does not know groups refuses a group statement by its profile. */
export const GROUP_PROFILE = 'tag:mica,2026:group#1.0.0'
/** The root of a tree over the group is signed in place of the group: another statement, with other claims. */
export const GROUP_TREE_PROFILE = 'tag:mica,2026:group-tree#1.0.0'

/** The receipt of a revocation. It is about no Realm's state, so a verifier of Realm tokens refuses it by its profile. */
export const REVOCATION_PROFILE = 'tag:mica,2026:revocation#1.0.0'

/** Keys of the collection that joins platform and Realm token. */
export const PLATFORM_TOKEN = 44234
export const REALM_TOKEN = 44241
/** Beside a signed tree: [seed, group], from which the tree follows. */
export const GROUP_OPENING = -75014

/** Tag of the collection as RMM 1.0 writes it, of the one that carries content types, and those content types (eat+cwt, cbor). */
export const COLLECTION_TAG = 399
export const CMW_COLLECTION_TAG = 907
export const EAT_CWT_CONTENT_FORMAT = 263
export const CBOR_CONTENT_FORMAT = 60
