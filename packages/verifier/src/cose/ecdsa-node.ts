import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { concatBytes } from '@noble/hashes/utils.js'
import { COORDINATE_LENGTH, type Curve, type EcPublicKey } from './key.ts'
import { ALGORITHM_CURVE, type SignatureVerifier, type SigningAlgorithm } from './signature.ts'

const HASH: Readonly<Record<SigningAlgorithm, string>> = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512' }

/** DER of a SubjectPublicKeyInfo up to the point (RFC 5480): importing this form is four times as fast as a JWK. */
const SPKI_PREFIX: Readonly<Record<Curve, Uint8Array>> = {
  'P-256': hex('3059301306072a8648ce3d020106082a8648ce3d030107034200'),
  'P-384': hex('3076301006072a8648ce3d020106052b81040022036200'),
  'P-521': hex('30819b301006072a8648ce3d020106052b8104002303818600'),
}

function hex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g)!, (pair) => Number.parseInt(pair, 16))
}

/** OpenSSL checks the point while importing it, so a key that imports is on its curve. */
function importKey(key: EcPublicKey): KeyObject | undefined {
  const der = concatBytes(SPKI_PREFIX[key.curve], Uint8Array.of(0x04), key.x, key.y)
  try {
    return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

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
