import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { concatBytes } from '@noble/hashes/utils.js'
import { COORDINATE_LENGTH, copiedKey, type EcPublicKey, isSameKey } from '../cose/key.ts'
import type { SignatureVerifier, SigningAlgorithm } from '../cose/signature.ts'
import { SPKI_PREFIX } from '../cose/spki.ts'

const HASH: Readonly<Record<SigningAlgorithm, string>> = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512' }

/**
 * OpenSSL checks the point while importing it, so a key that imports is on its curve. A SubjectPublicKeyInfo, because
 * its import is four times as fast as that of a JWK.
 */
function importKey(key: EcPublicKey): KeyObject | undefined {
  if (lastImport !== undefined && isSameKey(lastImport.of, key)) return lastImport.key
  const der = Buffer.from(concatBytes(SPKI_PREFIX[key.curve], key.x, key.y))
  try {
    lastImport = { of: copiedKey(key), key: createPublicKey({ key: der, format: 'der', type: 'spki' }) }
    return lastImport.key
  } catch {
    return undefined
  }
}

/** The key used last: the one of a Realm is asked about twice, and is that of all Realms of its machine. */
let lastImport: { readonly of: EcPublicKey; readonly key: KeyObject } | undefined

/** ECDSA by `node:crypto`. */
export const nodeSignatures: SignatureVerifier = {
  name: 'node:crypto',
  isOnCurve: (key) => importKey(key) !== undefined,
  verify(algorithm, key, message, signature) {
    if (signature.length !== 2 * COORDINATE_LENGTH[key.curve]) return false
    const imported = importKey(key)
    if (imported === undefined) return false
    return verify(HASH[algorithm], message, { key: imported, dsaEncoding: 'ieee-p1363' }, signature)
  },
}
