import { nobleSignatures } from './ecdsa-noble.ts'
import type { SignatureVerifier } from './signature.ts'

/** The fastest implementation that answers at once where Node is not: WebCrypto answers later. */
export const defaultSignatures: SignatureVerifier = nobleSignatures
