import type { EcPublicKey } from '../cose/key.ts'

/** What checking a certificate chain gives: the key of its leaf, or one line of why not. */
export type ChainCheck =
  | { readonly kind: 'key'; readonly key: EcPublicKey }
  | { readonly kind: 'refused'; readonly reason: string }

/**
 * Checks X.509 chains (RFC 5280): an interface, because a browser has no X.509 of its own. An implementation refuses
 * in order: what is no certificate; one outside its validity; an issuer that is no certification authority; a
 * signature that is not by the next certificate; a chain that does not end at one of `roots`; a key that is not EC.
 */
export interface CertificateVerifier {
  /**
   * @param chain DER, the signer's certificate first, each certified by the next. The root may be left out.
   * @param roots DER of the certificates that are trusted.
   */
  verifyChain(chain: readonly Uint8Array[], roots: readonly Uint8Array[], at: Date): ChainCheck
}
