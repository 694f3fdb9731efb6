import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { p384 } from '@noble/curves/nist.js'
import { describe, expect, test } from 'vitest'
import { nobleSignatures } from '../../src/cose/ecdsa-noble.ts'
import { withWebCrypto } from '../../src/cose/ecdsa-webcrypto.ts'
import { COORDINATE_LENGTH, type Curve, type EcPublicKey, keyFromJwk } from '../../src/cose/key.ts'
import { ALGORITHM_CURVE, type SignatureVerifier, type SigningAlgorithm } from '../../src/cose/signature.ts'
import { nodeSignatures } from '../../src/node/ecdsa.ts'
import { publicJwk } from '../attester.ts'

const HASH = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512' } as const
const ALGORITHMS: readonly SigningAlgorithm[] = ['ES256', 'ES384', 'ES512']
const message = new TextEncoder().encode('a message')

const keys = new Map<Curve, KeyObject>(
  (['P-256', 'P-384', 'P-521'] as const).map((curve) => [
    curve,
    generateKeyPairSync('ec', { namedCurve: curve }).privateKey,
  ]),
)
const publicKey = (curve: Curve): EcPublicKey => keyFromJwk(publicJwk(keys.get(curve)!))!
const signed = (algorithm: SigningAlgorithm): Uint8Array =>
  new Uint8Array(
    sign(HASH[algorithm], message, { key: keys.get(ALGORITHM_CURVE[algorithm])!, dsaEncoding: 'ieee-p1363' }),
  )

type Check = (signatures: SignatureVerifier) => boolean
const implementations: readonly { name: string; ask: (check: Check) => Promise<boolean> }[] = [
  { name: nodeSignatures.name, ask: async (check) => check(nodeSignatures) },
  { name: nobleSignatures.name, ask: async (check) => check(nobleSignatures) },
  { name: 'WebCrypto', ask: withWebCrypto },
]

describe.each(implementations)('ECDSA by $name', ({ ask }) => {
  const verify = (...check: Parameters<SignatureVerifier['verify']>): Promise<boolean> =>
    ask((signatures) => signatures.verify(...check))
  const isOnCurve = (key: EcPublicKey): Promise<boolean> => ask((signatures) => signatures.isOnCurve(key))

  test.each(ALGORITHMS)('%s: accepts a good signature, and no other message, key or length', async (algorithm) => {
    const curve = ALGORITHM_CURVE[algorithm]
    const key = publicKey(curve)
    const signature = signed(algorithm)
    expect(await verify(algorithm, key, message, signature)).toBe(true)
    expect(await verify(algorithm, key, message.slice(1), signature)).toBe(false)
    expect(await verify(algorithm, { ...key, y: key.x }, message, signature)).toBe(false)
    expect(await verify(algorithm, key, message, signature.slice(1))).toBe(false)
    expect(await verify(algorithm, key, message, new Uint8Array(signature.length))).toBe(false)
    expect(await verify(algorithm, key, message, new Uint8Array())).toBe(false)
    const other = curve === 'P-256' ? 'P-384' : 'P-256'
    expect(await verify(algorithm, publicKey(other), message, signature)).toBe(false)
  })

  test('takes the hash from the algorithm and the curve from the key, as certificates mix them', async () => {
    for (const curve of ['P-256', 'P-384', 'P-521'] as const) {
      for (const algorithm of ALGORITHMS) {
        const signature = new Uint8Array(
          sign(HASH[algorithm], message, { key: keys.get(curve)!, dsaEncoding: 'ieee-p1363' }),
        )
        expect(await verify(algorithm, publicKey(curve), message, signature)).toBe(true)
        const other = algorithm === 'ES256' ? 'ES384' : 'ES256'
        expect(await verify(other, publicKey(curve), message, signature)).toBe(false)
      }
    }
  })

  test('accepts both s and n - s: half of all honest signatures have the larger one', async () => {
    const key = publicKey('P-384')
    const signature = signed('ES384')
    const s = BigInt(`0x${Buffer.from(signature.slice(48)).toString('hex')}`)
    const other = (p384.Point.Fn.ORDER - s).toString(16).padStart(96, '0')
    const flipped = Uint8Array.of(...signature.slice(0, 48), ...Buffer.from(other, 'hex'))
    expect(await verify('ES384', key, message, signature)).toBe(true)
    expect(await verify('ES384', key, message, flipped)).toBe(true)
  })

  test('tells points of the curve from others, and refuses coordinates outside the field', async () => {
    const key = publicKey('P-384')
    expect(await isOnCurve(key)).toBe(true)
    expect(await isOnCurve({ ...key, x: key.y })).toBe(false)
    expect(await isOnCurve({ ...key, x: new Uint8Array(COORDINATE_LENGTH['P-384']).fill(0xff) })).toBe(false)
    expect(await isOnCurve({ curve: 'P-384', x: new Uint8Array(48), y: new Uint8Array(48) })).toBe(false)
  })
})
