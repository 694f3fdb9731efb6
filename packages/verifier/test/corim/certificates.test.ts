import { describe, expect, test } from 'vitest'
import { readCorim } from '../../src/corim/read.ts'
import { certificate, party } from '../x509/certificates.ts'
import { platformCorim, SIGNER, signedCorim } from './corims.ts'

const at = new Date('2026-11-21T00:00:00Z')
const [root, authority, signer, stranger] = [party('root'), party('authority'), party('signer'), party('stranger')]
const rootCert = certificate(root, root, true)
const authorityCert = certificate(authority, root, true)
const signerCert = certificate(signer, authority, false)
const chain = [signerCert, authorityCert]

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
