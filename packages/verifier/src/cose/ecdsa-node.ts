import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { concatBytes } from '@noble/hashes/utils.js'
import { COORDINATE_LENGTH, type EcPublicKey } from './key.ts'
import { ALGORITHM_CURVE, type SignatureVerifier, type SigningAlgorithm } from './signature.ts'
import { SPKI_PREFIX } from './spki.ts'

const HASH: Readonly<Record<SigningAlgorithm, string>> = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512' }

/**
 * OpenSSL checks the point while importing it, so a key that imports is on its curve. A SubjectPublicKeyInfo, because
 * its import is four times as fast as that of a JWK.
 */
function importKey(key: EcPublicKey): KeyObject | undefined {
  const der = Buffer.from(concatBytes(SPKI_PREFIX[key.curve], key.x, key.y))
  if (lastImport?.der.equals(der) === true) return lastImport.key
  try {
    lastImport = { der, key: createPublicKey({ key: der, format: 'der', type: 'spki' }) }
    return lastImport.key
  } catch {
    return undefined
  }
}

/** The key used last: the one of a Realm is asked about twice, and is that of all Realms of its machine. */
let lastImport: { readonly der: Buffer; readonly key: KeyObject } | undefined

/** ECDSA by `node:crypto`. */
export const nodeSignatures: SignatureVerifier = {
  name: 'node:crypto',
  isOnCurve: (key) => importKey(key) !== undefined,
  verify(algorithm, key, message, signature) {
    if (key.curve !== ALGORITHM_CURVE[algorithm] || signature.length !== 2 * COORDINATE_LENGTH[key.curve]) return false
    const imported = importKey(key)
    if (imported === undefined) return false
    return verify(HASH[algorithm], message, { key: imported, dsaEncoding: 'ieee-p1363' }, signature)
  },
}
