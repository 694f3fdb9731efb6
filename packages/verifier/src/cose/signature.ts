import type { Curve, EcPublicKey } from './key.ts'

/** The signature algorithms of CCA tokens: ECDSA as RFC 9053 section 2.1 numbers it. */
export type SigningAlgorithm = 'ES256' | 'ES384' | 'ES512'

/** COSE algorithm identifier to name. */
export const ALGORITHMS: ReadonlyMap<unknown, SigningAlgorithm> = new Map([
  [-7, 'ES256'],
  [-35, 'ES384'],
  [-36, 'ES512'],
])

/** The one curve that each algorithm is used with in COSE here: a key of another curve is a mismatch, not a choice. */
export const ALGORITHM_CURVE: Readonly<Record<SigningAlgorithm, Curve>> = {
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
}

/**
 * Checks ECDSA signatures. Implementations differ in speed and in where they run, never in the answer: all of them
 * accept both s and n - s (COSE has no low-S rule), refuse wrong lengths and zeroes, and never throw.
 */
export interface SignatureVerifier {
  readonly name: string
  /** Whether the coordinates are below the field's prime and name a point of the curve. */
  isOnCurve(key: EcPublicKey): boolean
  /**
   * Whether `signature` (r | s, each as long as a coordinate) is by `key` over `message`. The algorithm says the hash, the
   * key its curve: whether these two go together is for the caller to say. In COSE they must (see
   * {@link ALGORITHM_CURVE}), in certificates any hash goes with any curve.
   */
  verify(algorithm: SigningAlgorithm, key: EcPublicKey, message: Uint8Array, signature: Uint8Array): boolean
}
