import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import type { EcPrivateJwk } from '../cose/key.ts'
import type { EcdsaSigner } from '../ear/sign-ecdsa.ts'

const HASH = { ES256: 'sha256', ES384: 'sha384' } as const

const imported = new WeakMap<EcPrivateJwk, KeyObject>()

/** OpenSSL, in this thread: handing a message to another one, as WebCrypto does, takes several times as long as signing. */
export const signEcdsa: EcdsaSigner = (algorithm, key, message) => {
  const privateKey = imported.get(key) ?? importKey(key)
  imported.set(key, privateKey)
  return new Uint8Array(sign(HASH[algorithm], message, { key: privateKey, dsaEncoding: 'ieee-p1363' }))
}

const importKey = ({ kty, crv, x, y, d }: EcPrivateJwk): KeyObject =>
  createPrivateKey({ key: { kty, crv, x, y, d }, format: 'jwk' })
