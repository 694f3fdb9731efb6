import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { nodeCertificates } from '../../src/corim/certificates-node.ts'
import { readCorim } from '../../src/corim/read.ts'
import { keyFromSpki } from '../../src/cose/spki.ts'
import { platformCorim, SIGNER, signedCorim } from './corims.ts'

/** One DER element. */
function der(tag: number, ...content: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const body = Buffer.concat(content.map((part) => Uint8Array.from(part)))
  const size = body.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Uint8Array.of(tag, ...length, ...body)
}

const text = (tag: number, value: string): Uint8Array => der(tag, Buffer.from(value))
const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(0x30, ...parts)
const ECDSA_SHA256 = sequence(der(0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]))
const name = (common: string): Uint8Array =>
  sequence(der(0x31, sequence(der(0x06, [0x55, 0x04, 0x03]), text(0x0c, common))))

interface Party {
  readonly name: string
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const party = (common: string, namedCurve = 'P-256'): Party => ({
  name: common,
  ...generateKeyPairSync('ec', { namedCurve }),
})

/** An X.509 certificate for `subject`, by `issuer`; of a certification authority if `ca`. */
function certificate(
  subject: Party,
  issuer: Party,
  ca: boolean,
  [from, to]: readonly [string, string] = ['20250101000000Z', '20301231000000Z'],
): Uint8Array {
  const constraints = ca ? sequence(der(0x01, [0xff])) : sequence()
  const basic = sequence(der(0x06, [0x55, 0x1d, 0x13]), der(0x01, [0xff]), der(0x04, constraints))
  const body = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [1]),
    ECDSA_SHA256,
    name(issuer.name),
    sequence(text(0x18, from), text(0x18, to)),
    name(subject.name),
    new Uint8Array(subject.publicKey.export({ format: 'der', type: 'spki' })),
    der(0xa3, sequence(basic)),
  )
  const signature = new Uint8Array(sign('sha256', body, issuer.privateKey))
  return sequence(body, ECDSA_SHA256, der(0x03, [0], signature))
}

const at = new Date('2026-11-21T00:00:00Z')
const [root, authority, signer, stranger] = ['root', 'authority', 'signer', 'stranger'].map((one) => party(one)) as [
  Party,
  Party,
  Party,
  Party,
]
const rootCert = certificate(root, root, true)
const authorityCert = certificate(authority, root, true)
const signerCert = certificate(signer, authority, false)
const chain = [signerCert, authorityCert]
const check = (certificates: readonly Uint8Array[], roots = [rootCert], when = at) => {
  const checked = nodeCertificates.verifyChain(certificates, roots, when)
  return checked.kind === 'refused' ? checked.reason : 'key'
}

describe('a chain of certificates', () => {
  test('gives the key of its first, with the root in it or without', () => {
    const key = keyFromSpki(new Uint8Array(signer.publicKey.export({ format: 'der', type: 'spki' })))
    expect(nodeCertificates.verifyChain(chain, [rootCert], at)).toEqual({ kind: 'key', key })
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
    const forged = certificate(signer, { ...stranger, name: 'authority' }, false)
    expect(check([forged, authorityCert])).toBe('certificate 0 of the chain is not issued by the next')
    expect(check([signerCert, certificate(stranger, root, true)])).toMatch(/^certificate 0 .* not issued by the next$/)
    const noAuthority = certificate(authority, root, false)
    expect(check([signerCert, noAuthority])).toBe('certificate 0 of the chain is not issued by the next')
    expect(check([signerCert], [noAuthority])).toBe('the chain does not end at a root that is trusted')
  })

  test('counts while every certificate in it is valid', () => {
    const [past, future] = [
      ['20200101000000Z', '20210101000000Z'],
      ['20290101000000Z', '20300101000000Z'],
    ] as const
    for (const time of [past, future]) {
      expect(check([certificate(signer, authority, false, time), authorityCert])).toMatch(/^certificate 0 .* not valid/)
      expect(check([signerCert, certificate(authority, root, true, time)])).toMatch(/^certificate 1 .* not valid/)
      expect(check(chain, [certificate(root, root, true, time)])).toMatch(/does not end at a root/)
    }
  })

  test('is refused without a throw when it is empty, too long, no certificates, or of another kind of key', () => {
    expect(check([])).toBe('a chain of 0 certificates')
    expect(check(Array(9).fill(signerCert))).toBe('a chain of 9 certificates')
    expect(check([new Uint8Array(3)])).toBe('something in the chain is no certificate')
    expect(check(chain, [new Uint8Array(3)])).toBe('a root is no certificate')
    expect(check([authorityCert])).toBe('the signer is a certification authority')
    const rsa = { name: 'rsa', ...generateKeyPairSync('rsa', { modulusLength: 2048 }) }
    expect(check([certificate(rsa, authority, false), authorityCert])).toBe('the key of the signer is not EC')
  })
})

describe('a manifest with a chain', () => {
  const X5CHAIN = 33
  const signed = (header: readonly Uint8Array[] | Uint8Array, key = signer.privateKey) =>
    signedCorim(platformCorim(), [[X5CHAIN, header]], key)
  const read = (bytes: Uint8Array, signers = { roots: [rootCert] }) => {
    const reading = readCorim(bytes, { signers, at })
    return reading.kind === 'read' ? 'read' : reading.reason
  }

  test('is read under the root, when the key of the chain signed it', () => {
    expect(read(signed(chain))).toBe('read')
    expect(read(signed(signerCert), { roots: [authorityCert] })).toBe('read')
    expect(read(signed(chain, stranger.privateKey))).toBe('it is not signed by a key that is trusted for endorsements')
  })

  test('is refused under another root, without one, and with what is no chain', () => {
    expect(read(signed(chain), { roots: [certificate(stranger, stranger, true)] })).toBe(
      'x5chain: the chain does not end at a root that is trusted',
    )
    expect(read(signed(chain), { roots: [] })).toBe('no key or root is trusted that could have signed it')
    expect(read(signed([]))).toBe('x5chain: a chain of 0 certificates')
    expect(read(signedCorim(platformCorim(), [[X5CHAIN, 'x']]))).toBe('x5chain holds no certificates')
    const wide = party('wide', 'P-384')
    expect(read(signed([certificate(wide, authority, false), authorityCert]))).toBe("the signer's key is of P-384")
  })

  test('a pinned key does not count where a root is asked for and the chain is another', () => {
    const bytes = signedCorim(platformCorim(), [[X5CHAIN, [signerCert]]])
    const signers = { keys: [SIGNER], roots: [certificate(stranger, stranger, true)] }
    expect(readCorim(bytes, { signers, at })).toMatchObject({ kind: 'refused' })
    expect(readCorim(bytes, { signers: { keys: [SIGNER] }, at })).toMatchObject({ kind: 'read' })
  })
})
