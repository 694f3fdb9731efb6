import type { SignatureVerifier } from '../cose/signature.ts'
import { nodeSignatures } from './ecdsa.ts'

/** The fastest implementation here that answers at once: OpenSSL's. */
export const defaultSignatures: SignatureVerifier = nodeSignatures
