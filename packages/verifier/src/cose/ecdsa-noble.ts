import { p256, p384, p521 } from '@noble/curves/nist.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { COORDINATE_LENGTH, type Curve, type EcPublicKey } from './key.ts'
import type { SignatureVerifier, SigningAlgorithm } from './signature.ts'

const ECDSA: Readonly<Record<Curve, typeof p256>> = { 'P-256': p256, 'P-384': p384, 'P-521': p521 }

const HASH: Readonly<Record<SigningAlgorithm, (message: Uint8Array) => Uint8Array>> = {
  ES256: sha256,
  ES384: sha384,
  ES512: sha512,
}

const encodePoint = (key: EcPublicKey): Uint8Array => concatBytes(Uint8Array.of(0x04), key.x, key.y)

/** ECDSA in JavaScript, for places without `node:crypto`; about a tenth of its speed. */
export const nobleSignatures: SignatureVerifier = {
  name: 'noble',
  isOnCurve(key) {
    try {
      ECDSA[key.curve].Point.fromBytes(encodePoint(key)).assertValidity()
      return true
    } catch {
      return false
    }
  },
  verify(algorithm, key, message, signature) {
    if (signature.length !== 2 * COORDINATE_LENGTH[key.curve]) return false
    try {
      // The library refuses s above n/2 unless told otherwise: half of all honest signatures.
      return ECDSA[key.curve].verify(signature, HASH[algorithm](message), encodePoint(key), {
        lowS: false,
        prehash: false,
        format: 'compact',
      })
    } catch {
      return false
    }
  },
}
