import type { EcPrivateJwk } from '../cose/key.ts'
import type { EcdsaSigner } from './sign-ecdsa.ts'

const HASH = { ES256: 'SHA-256', ES384: 'SHA-384' } as const

const imported = new WeakMap<EcPrivateJwk, ReturnType<typeof importKey>>()

const importKey = ({ kty, crv, x, y, d }: EcPrivateJwk) =>
  crypto.subtle.importKey('jwk', { kty, crv, x, y, d }, { name: 'ECDSA', namedCurve: crv }, false, ['sign'])

/** WebCrypto, which every browser has. */
export const signEcdsa: EcdsaSigner = async (algorithm, key, message) => {
  const privateKey = imported.get(key) ?? importKey(key)
  imported.set(key, privateKey)
  const how = { name: 'ECDSA', hash: HASH[algorithm] }
  return new Uint8Array(await crypto.subtle.sign(how, await privateKey, new Uint8Array(message)))
}
