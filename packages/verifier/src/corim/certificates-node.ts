import { X509Certificate } from 'node:crypto'
import { keyFromSpki } from '../cose/spki.ts'
import type { CertificateVerifier, ChainCheck } from './certificates.ts'

/** Certificates between a signer and a root: real chains have one. */
const MAX_CHAIN = 8

const refused = (reason: string): ChainCheck => ({ kind: 'refused', reason })

/**
 * X.509 by `node:crypto`. Revocation is not asked for, and constraints on names and path lengths are not read: give
 * a root that certifies nothing but signers of endorsements.
 */
export const nodeCertificates: CertificateVerifier = {
  verifyChain(chain, roots, at) {
    if (chain.length === 0 || chain.length > MAX_CHAIN) return refused(`a chain of ${chain.length} certificates`)
    const certificates = parseAll(chain)
    const trusted = parseAll(roots)
    const leaf = certificates?.[0]
    if (certificates === undefined || leaf === undefined) return refused('something in the chain is no certificate')
    if (trusted === undefined) return refused('a root is no certificate')
    for (const [index, certificate] of certificates.entries()) {
      if (!isCurrent(certificate, at)) return refused(`certificate ${index} of the chain is not valid at this time`)
      if (trusted.some((root) => root.raw.equals(certificate.raw))) return leafKey(leaf)
      const issuer = certificates[index + 1]
      if (issuer !== undefined && !issued(certificate, issuer))
        return refused(`certificate ${index} of the chain is not issued by the next`)
    }
    const last = certificates.at(-1)!
    const root = trusted.find((candidate) => isCurrent(candidate, at) && issued(last, candidate))
    return root === undefined ? refused('the chain does not end at a root that is trusted') : leafKey(leaf)
  },
}

function parseAll(list: readonly Uint8Array[]): readonly X509Certificate[] | undefined {
  try {
    return list.map((der) => new X509Certificate(der))
  } catch {
    return undefined
  }
}

const isCurrent = (certificate: X509Certificate, at: Date): boolean =>
  Date.parse(certificate.validFrom) <= at.getTime() && at.getTime() <= Date.parse(certificate.validTo)

/** `checkIssued` compares names, key identifiers and key usage; the signature is checked apart. */
function issued(certificate: X509Certificate, issuer: X509Certificate): boolean {
  if (!issuer.ca || !certificate.checkIssued(issuer)) return false
  try {
    return certificate.verify(issuer.publicKey)
  } catch {
    return false
  }
}

/** @returns The signer's key; refused when a certification authority's own key would sign a manifest. */
function leafKey(leaf: X509Certificate): ChainCheck {
  if (leaf.ca) return refused('the signer is a certification authority')
  try {
    const key = keyFromSpki(new Uint8Array(leaf.publicKey.export({ format: 'der', type: 'spki' })))
    return key === undefined ? refused('the key of the signer is not EC') : { kind: 'key', key }
  } catch {
    return refused('the key of the signer is not readable')
  }
}
