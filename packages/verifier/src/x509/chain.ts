import { equalBytes } from '../bytes.ts'
import { COORDINATE_LENGTH, type EcPublicKey } from '../cose/key.ts'
import type { SignatureVerifier } from '../cose/signature.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import { derSequence, derUnsigned } from './der.ts'
import { USE } from './extensions.ts'

/** What checking a certificate chain gives: the key of its first certificate, or one line of why not. */
export type ChainCheck =
  | { readonly kind: 'key'; readonly key: EcPublicKey }
  | { readonly kind: 'refused'; readonly reason: string }

/** What a chain is checked against. */
export interface ChainContext {
  /** DER of the certificates that are trusted. */
  readonly roots: readonly Uint8Array[]
  readonly at: Date
  readonly signatures: SignatureVerifier
}

/** Certificates between a signer and a root: real chains have one. */
const MAX_CHAIN = 8

const refused = (reason: string): ChainCheck => ({ kind: 'refused', reason })

/**
 * Checks a chain of X.509 certificates (RFC 5280, section 6) that are signed with ECDSA. Of a restriction that is not
 * understood, on names for one, the whole certificate is refused; revocation is not asked for.
 *
 * @param chain DER, the signer's certificate first, each certified by the next. The root may be left out.
 * @returns The signer's key. Refused in this order: a chain of no length or too long; what is no certificate; then from
 *   the signer up one that is not valid at this time, has a restriction, is not signed with ECDSA, or not issued by the
 *   next; a chain that does not end at a root; a signer that is an authority, or whose key is not for signatures, or
 *   not EC.
 */
export function verifyCertificates(chain: readonly Uint8Array[], context: ChainContext): ChainCheck {
  if (chain.length === 0 || chain.length > MAX_CHAIN) return refused(`a chain of ${chain.length} certificates`)
  const certificates = chain.map(readCertificate).filter((one) => one !== undefined)
  const trusted = context.roots.map(readCertificate).filter((one) => one !== undefined)
  const [signer] = certificates
  if (signer === undefined || certificates.length < chain.length)
    return refused('something in the chain is no certificate')
  if (trusted.length < context.roots.length) return refused('a root is no certificate')
  for (const [index, certificate] of certificates.entries()) {
    const what = `certificate ${index} of the chain`
    if (!isCurrent(certificate, context.at)) return refused(`${what} is not valid at this time`)
    if (certificate.isRestricted) return refused(`${what} has a critical extension that is not understood`)
    if (trusted.some((root) => equalBytes(root.encoded, certificate.encoded))) return signerKey(signer)
    if (certificate.algorithm === undefined) return refused(`${what} is not signed with ECDSA`)
    const issuer = certificates[index + 1]
    if (issuer !== undefined && !issued(certificate, issuer, index, context))
      return refused(`${what} is not issued by the next`)
  }
  const [last, below] = [certificates.at(-1)!, certificates.length - 1]
  const root = trusted.find((one) => {
    return isCurrent(one, context.at) && !one.isRestricted && issued(last, one, below, context)
  })
  return root === undefined ? refused('the chain does not end at a root that is trusted') : signerKey(signer)
}

const isCurrent = ({ notBefore, notAfter }: Certificate, at: Date): boolean =>
  notBefore <= at.getTime() && at.getTime() <= notAfter

/** @param below How many authorities are between `issuer` and the signer. */
function issued(certificate: Certificate, issuer: Certificate, below: number, { signatures }: ChainContext): boolean {
  const { isAuthority, pathLength, keyUsage, subjectKeyId, key } = issuer
  if (!isAuthority || (keyUsage !== undefined && (keyUsage & USE.certificateSigning) === 0)) return false
  if (pathLength !== undefined && pathLength < below) return false
  if (!equalBytes(certificate.issuer, issuer.subject)) return false
  const { authorityKeyId, algorithm } = certificate
  if (authorityKeyId !== undefined && subjectKeyId !== undefined && !equalBytes(authorityKeyId, subjectKeyId))
    return false
  if (key === undefined || algorithm === undefined) return false
  const signature = fixedLength(certificate.signature, COORDINATE_LENGTH[key.curve])
  return signature !== undefined && signatures.verify(algorithm, key, certificate.signed, signature)
}

/** The signature `SEQUENCE { r, s }` as r | s, each `length` bytes; `undefined` for what is none. */
function fixedLength(der: Uint8Array, length: number): Uint8Array | undefined {
  const [r, s, ...more] = derSequence(der)?.map(derUnsigned) ?? []
  if (r === undefined || s === undefined || more.length > 0 || r.length > length || s.length > length) return undefined
  const signature = new Uint8Array(2 * length)
  signature.set(r, length - r.length)
  signature.set(s, 2 * length - s.length)
  return signature
}

/** @returns The signer's key; refused when a certification authority's own key would sign a manifest. */
function signerKey({ isAuthority, keyUsage, key }: Certificate): ChainCheck {
  if (isAuthority) return refused('the signer is a certification authority')
  if (keyUsage !== undefined && (keyUsage & (USE.digitalSignature | USE.contentCommitment)) === 0)
    return refused('the key of the signer is not for signatures')
  return key === undefined ? refused('the key of the signer is not EC') : { kind: 'key', key }
}
