import { sha256, sha512 } from '@noble/hashes/sha2.js'

/** Hash algorithm of a Realm (RmiRealmParams.hash_algo). */
export type HashAlgorithm = 'sha-256' | 'sha-512'

/** Hashes `bytes` with a Realm's algorithm: 32 or 64 bytes. */
export function hash(algorithm: HashAlgorithm, bytes: Uint8Array): Uint8Array {
  return algorithm === 'sha-256' ? sha256(bytes) : sha512(bytes)
}

/** The digest of a policy blob: what is measured into REM[0], and what reports name. */
export function blobDigest(blob: Uint8Array, algorithm: HashAlgorithm): Uint8Array {
  return hash(algorithm, blob)
}
