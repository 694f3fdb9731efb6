import { encodeCbor } from '@mica/policy/cbor'
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke'
import { expect, test } from 'vitest'
import { type KeyReleaseRequest, keyReleaseChallenge, releaseKey } from '../src/key-release.ts'
import { evidenceOf, groupBytes, membersOf, options, RIMS } from './group/pipeline.ts'

const suite = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM)
const pair = await suite.GenerateKeyPair(true)
const encodeKey = (point: Uint8Array): Uint8Array =>
  encodeCbor(
    new Map<number, number | Uint8Array>([
      [1, 1],
      [-1, 4],
      [-2, point],
    ]),
  )
const recipientKey = encodeKey(await suite.SerializePublicKey(pair.publicKey))

const nonce = new Uint8Array(32).fill(0x6e)
const secret = new TextEncoder().encode('the key of the clip')
const group = groupBytes(membersOf())
const INFO = new TextEncoder().encode('mica-key-release-1')

const { challenge: _, ...rest } = options
const request = (more: Partial<KeyReleaseRequest> = {}): KeyReleaseRequest => ({
  ...rest,
  evidence: evidenceOf(group, { 10: keyReleaseChallenge(nonce, recipientKey) }),
  nonce,
  recipientKey,
  recipient: { peer: 'gate', rim: RIMS['gate']! },
  secret,
  ...more,
})

const withheld = async (more: Partial<KeyReleaseRequest>): Promise<string[]> => {
  const release = await releaseKey(request(more))
  return release.kind === 'withheld' ? release.findings.map((one) => one.name) : ['released']
}

test('the requester that a secret is registered for gets it, in its session only', async () => {
  const release = await releaseKey(request())
  if (release.kind !== 'released') throw new Error('withheld')
  const open = (aad: Uint8Array) =>
    suite.Open(pair.privateKey, release.encapsulatedSecret, release.ciphertext, { info: INFO, aad })
  expect(await open(nonce)).toEqual(secret)
  await expect(open(new Uint8Array(32))).rejects.toThrow()
})

test('another member of the same good group gets nothing', async () => {
  const evidence = evidenceOf(group, { 10: keyReleaseChallenge(nonce, recipientKey), [-75011]: 1 })
  expect(await withheld({ evidence })).toEqual(['not-the-recipient'])
})

test('the name alone, the measurement alone, or another replica is not the recipient', async () => {
  expect(await withheld({ recipient: { peer: 'gate', rim: RIMS['encoder']! } })).toEqual(['not-the-recipient'])
  expect(await withheld({ recipient: { peer: 'encoder', rim: RIMS['gate']! } })).toEqual(['not-the-recipient'])
  expect(await withheld({ recipient: { peer: 'gate', rim: RIMS['gate']!, rpv: new Uint8Array(64).fill(1) } })).toEqual([
    'not-the-recipient',
  ])
  expect(await withheld({ recipient: { peer: 'gate', rim: RIMS['gate']!, rpv: new Uint8Array(64) } })).toEqual([
    'released',
  ])
})

test('a key or a nonce that the evidence does not bind gets nothing', async () => {
  const other = await suite.GenerateKeyPair(true)
  expect(await withheld({ recipientKey: encodeKey(await suite.SerializePublicKey(other.publicKey)) })).toEqual([
    'freshness',
  ])
  expect(await withheld({ nonce: new Uint8Array(32) })).toEqual(['freshness'])
})

test('a key in another encoding, or of low order, gets nothing even when the evidence binds it', async () => {
  for (const key of [Uint8Array.of(...recipientKey, 0), new Uint8Array(), encodeKey(new Uint8Array(32))]) {
    const evidence = evidenceOf(group, { 10: keyReleaseChallenge(nonce, key) })
    expect(await withheld({ recipientKey: key, evidence })).toEqual(['recipient-key'])
  }
})

test('bad evidence gets nothing, and says why', async () => {
  expect(await withheld({ trustAnchors: [] })).toEqual(['no-trust-anchor'])
  expect(await withheld({ evidence: new Uint8Array(3) })).toEqual(['malformed'])
})

test('a nonce too short to be one is a mistake of the caller', () => {
  expect(() => keyReleaseChallenge(new Uint8Array(15), recipientKey)).toThrow(RangeError)
})
