import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nobleSignatures } from '../../src/cose/ecdsa-noble.ts'
import { withWebCrypto } from '../../src/cose/ecdsa-webcrypto.ts'
import type { SignatureVerifier } from '../../src/cose/signature.ts'
import { keyFromSpki } from '../../src/cose/spki.ts'
import { nodeSignatures } from '../../src/node/ecdsa.ts'
import { verifyCertificates } from '../../src/x509/chain.ts'
import {
  authorityKeyId,
  type Certified,
  certificate,
  der,
  extension,
  keyUsage,
  party,
  sequence,
  subjectKeyId,
} from './certificates.ts'

const at = new Date('2026-11-21T00:00:00Z')
const [root, authority, signer, stranger] = [party('root'), party('authority'), party('signer'), party('stranger')]
const rootCert = certificate(root, root, true)
const authorityCert = certificate(authority, root, true)
const signerCert = certificate(signer, authority, false)
const chain = [signerCert, authorityCert]
const keyOf = ({ publicKey }: { publicKey: KeyObject }) =>
  keyFromSpki(new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })))

const judge = (
  certificates: readonly Uint8Array[],
  roots = [rootCert],
  signatures: SignatureVerifier = nodeSignatures,
) => verifyCertificates(certificates, { roots, at, signatures })
const check = (certificates: readonly Uint8Array[], roots = [rootCert]): string => {
  const checked = judge(certificates, roots)
  return checked.kind === 'refused' ? checked.reason : 'key'
}

describe('a chain of certificates', () => {
  test('gives the key of its first, with the root in it or without', () => {
    expect(judge(chain)).toEqual({ kind: 'key', key: keyOf(signer) })
    expect(check([...chain, rootCert])).toBe('key')
    expect(check(chain, [certificate(stranger, stranger, true), rootCert])).toBe('key')
    expect(check([signerCert], [authorityCert])).toBe('key')
  })

  test('must end at a root that is trusted', () => {
    const elsewhere = 'the chain does not end at a root that is trusted'
    expect(check([signerCert])).toBe(elsewhere)
    expect(check(chain, [])).toBe(elsewhere)
    // Of the right name, and another key.
    const other = party('root')
    expect(check(chain, [certificate(other, other, true)])).toBe(elsewhere)
  })

  test('must be linked by signatures, each of a certification authority', () => {
    const notIssued = 'certificate 0 of the chain is not issued by the next'
    expect(check([certificate(signer, { ...stranger, name: 'authority' }, false), authorityCert])).toBe(notIssued)
    expect(check([signerCert, certificate(stranger, root, true)])).toBe(notIssued)
    // Signed by the right key, in another name.
    expect(check([certificate(signer, { ...authority, name: 'other' }, false), authorityCert])).toBe(notIssued)
    const noAuthority = certificate(authority, root, false)
    expect(check([signerCert, noAuthority])).toBe(notIssued)
    expect(check([signerCert], [noAuthority])).toBe('the chain does not end at a root that is trusted')
    const notForCertificates = certificate(authority, root, true, { more: [keyUsage(0x80)] })
    expect(check([signerCert, notForCertificates])).toBe(notIssued)
    expect(check([signerCert, certificate(authority, root, true, { more: [keyUsage(0x04)] })])).toBe('key')
  })

  test('must name the key of each issuer where both sides name one', () => {
    const named = (own: number, issuers: number) => [
      certificate(signer, authority, false, { more: [authorityKeyId(issuers)] }),
      certificate(authority, root, true, { more: [subjectKeyId(own)] }),
    ]
    expect(check(named(1, 1))).toBe('key')
    expect(check(named(1, 2))).toBe('certificate 0 of the chain is not issued by the next')
    expect(check([named(1, 2)[0]!, authorityCert])).toBe('key')
  })

  test('has no more authorities in it than each of them allows', () => {
    const lower = party('lower')
    const longer = (pathLength: number) => [
      certificate(signer, lower, false),
      certificate(lower, authority, true),
      certificate(authority, root, true, { pathLength }),
    ]
    expect(check(longer(1))).toBe('key')
    expect(check(longer(0))).toBe('certificate 1 of the chain is not issued by the next')
    expect(check(chain, [certificate(root, root, true, { pathLength: 0 })])).toMatch(/does not end at a root/)
    expect(check(chain, [certificate(root, root, true, { pathLength: 1 })])).toBe('key')
  })

  test('counts while every certificate in it is valid', () => {
    const [past, future, old] = [
      ['20200101000000Z', '20210101000000Z'],
      ['20290101000000Z', '20300101000000Z'],
      // UTCTime, whose years from 50 on are of the last century.
      ['500101000000Z', '990101000000Z'],
    ] as const
    for (const validity of [past, future, old]) {
      expect(check([certificate(signer, authority, false, { validity }), authorityCert])).toMatch(
        /^certificate 0 .* not valid/,
      )
      expect(check([signerCert, certificate(authority, root, true, { validity })])).toMatch(
        /^certificate 1 .* not valid/,
      )
      expect(check(chain, [certificate(root, root, true, { validity })])).toMatch(/does not end at a root/)
    }
    expect(
      check([certificate(signer, authority, false, { validity: ['250101000000Z', '491231235959Z'] }), authorityCert]),
    ).toBe('key')
    const noTime = certificate(signer, authority, false, { validity: ['250230000000Z', '491231235959Z'] })
    expect(check([noTime, authorityCert])).toBe('something in the chain is no certificate')
  })

  test('counts no further than what restricts it is understood', () => {
    const constrained: Certified = { more: [extension(30, sequence(), true)] }
    const reason = 'has a critical extension that is not understood'
    expect(check([certificate(signer, authority, false, constrained), authorityCert])).toBe(
      `certificate 0 of the chain ${reason}`,
    )
    expect(check([signerCert, certificate(authority, root, true, constrained)])).toBe(
      `certificate 1 of the chain ${reason}`,
    )
    expect(check(chain, [certificate(root, root, true, constrained)])).toMatch(/does not end at a root/)
    expect(check([certificate(signer, authority, false, { more: [extension(30, sequence())] }), authorityCert])).toBe(
      'key',
    )
  })

  test('is refused without a throw when it is empty, too long, no certificates, or of another kind of key', () => {
    expect(check([])).toBe('a chain of 0 certificates')
    expect(check(Array(9).fill(signerCert))).toBe('a chain of 9 certificates')
    expect(check([new Uint8Array(3)])).toBe('something in the chain is no certificate')
    expect(check([certificate(signer, authority, false, { version: 0 })])).toBe(
      'something in the chain is no certificate',
    )
    const twice = { more: [subjectKeyId(1), subjectKeyId(1)] }
    expect(check([certificate(signer, authority, false, twice)])).toBe('something in the chain is no certificate')
    expect(check(chain, [new Uint8Array(3)])).toBe('a root is no certificate')
    expect(check([authorityCert])).toBe('the signer is a certification authority')
    const sealing = certificate(signer, authority, false, { more: [keyUsage(0x20)] })
    expect(check([sealing, authorityCert])).toBe('the key of the signer is not for signatures')
    const rsa = { name: 'rsa', ...generateKeyPairSync('rsa', { modulusLength: 2048 }) }
    expect(check([certificate(rsa, authority, false), authorityCert])).toBe('the key of the signer is not EC')
  })

  test('has no certificate in it whose extensions are not as DER writes them, or that is of an excessive size', () => {
    const authorityWith = (...more: Uint8Array[]) => certificate(authority, root, true, { more })
    const checkWith = (...more: Uint8Array[]) => check([signerCert, authorityWith(...more)])
    const noCertificate = 'something in the chain is no certificate'
    expect(checkWith(extension(15, der(0x03, [2, 0x04]), true))).toBe('key')
    for (const bits of [[], [0], [8, 0x04], [3, 0x04], [9, 0x04]])
      expect(checkWith(extension(15, der(0x03, bits), true))).toBe(noCertificate)
    const criticality = (boolean: number[]) =>
      sequence(der(0x06, [0x55, 0x1d, 14]), der(0x01, boolean), der(0x04, der(0x04, [1])))
    expect(checkWith(criticality([0xff]))).toBe('key')
    for (const boolean of [[], [0, 0xff]]) expect(checkWith(criticality(boolean))).toBe(noCertificate)
    const unknown = (size: number) => extension(99, der(0x04, new Uint8Array(size)))
    expect(checkWith(unknown(8000))).toBe('key')
    expect(checkWith(unknown(17_000))).toBe(noCertificate)
  })

  test('that is not signed with ECDSA is refused by that name', () => {
    const rsaWithSha256 = sequence(der(0x06, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]), der(0x05))
    const other = certificate(signer, authority, false, { algorithm: rsaWithSha256 })
    expect(check([other, authorityCert])).toBe('certificate 0 of the chain is not signed with ECDSA')
  })
})

describe('beside the certificates of another implementation', () => {
  /** Whether OpenSSL finds a chain of two under the root good, by the same rules as far as it shows them. */
  const byOpenssl = (certificates: readonly Uint8Array[]): boolean => {
    try {
      const [leaf, middle, top] = [...certificates, rootCert].map((one) => new X509Certificate(one)) as [
        X509Certificate,
        X509Certificate,
        X509Certificate,
      ]
      const linked = leaf.checkIssued(middle) && leaf.verify(middle.publicKey)
      return !leaf.ca && linked && middle.ca && middle.checkIssued(top) && middle.verify(top.publicKey)
    } catch {
      return false
    }
  }

  test('the same are good for every curve and hash, by every implementation of signatures', async () => {
    for (const curve of ['P-256', 'P-384', 'P-521']) {
      for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
        const middle = party('authority', curve)
        const certificates = [
          certificate(signer, middle, false, { hash }),
          certificate(middle, root, true, { hash, more: [keyUsage(0x06)] }),
        ]
        expect(byOpenssl(certificates)).toBe(true)
        const expected = { kind: 'key', key: keyOf(signer) }
        expect(judge(certificates)).toEqual(expected)
        expect(judge(certificates, [rootCert], nobleSignatures)).toEqual(expected)
        expect(await withWebCrypto((signatures) => judge(certificates, [rootCert], signatures))).toEqual(expected)
      }
    }
  })

  test('a chain with any byte changed is refused', () => {
    for (const [index, original] of chain.entries()) {
      fc.assert(
        fc.property(fc.nat(original.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
          const mutant = original.slice()
          mutant[place]! ^= change
          const mutated = chain.map((one, at) => (at === index ? mutant : one))
          expect(judge(mutated).kind).toBe('refused')
        }),
        { numRuns: 400 },
      )
    }
  })

  test('no bytes make reading throw, and whatever is truncated is no certificate', () => {
    for (let length = 0; length < signerCert.length; length++)
      expect(check([signerCert.slice(0, length), authorityCert])).toBe('something in the chain is no certificate')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(judge([Uint8Array.of(0x30, ...bytes), bytes]).kind).toBe('refused')
      }),
    )
  })
})
