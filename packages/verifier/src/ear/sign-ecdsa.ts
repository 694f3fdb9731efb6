import type { EcPrivateJwk } from '../cose/key.ts'

/** The algorithms that results are signed with. */
export type ResultAlgorithm = 'ES256' | 'ES384'

/**
 * Signs with ECDSA: r | s, each as long as a coordinate. Keys are imported once, because that takes as long as signing,
 * and a service signs with the same for years.
 */
export type EcdsaSigner = (
  algorithm: ResultAlgorithm,
  key: EcPrivateJwk,
  message: Uint8Array,
) => Uint8Array | Promise<Uint8Array>
