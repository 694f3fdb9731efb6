import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import { p384 } from '@noble/curves/nist.js'

/** COSE tag of COSE_Sign1 (RFC 9052), label of alg, and ES384 (RFC 9053). */
const COSE_SIGN1_TAG = 18
const HEADER_ALG = 1
const ES384 = -35

/** A P-384 key as the monitor holds it. */
export interface SigningKey {
  /** 48-byte scalar. */
  readonly secret: Uint8Array
}

/** COSE_Sign1 over a payload with ES384: algorithm in the protected header, no unprotected one, 96-byte signature. */
export function coseSign1(payload: Uint8Array, key: SigningKey): Uint8Array {
  const header = encodeCbor(new Map([[HEADER_ALG, ES384]]))
  const toBeSigned = encodeCbor(['Signature1', header, new Uint8Array(0), payload])
  // Verifiers of this ecosystem have no low-S rule, and neither has the recorded firmware.
  const signature = p384.sign(toBeSigned, key.secret, { lowS: false })
  const value: CborValue = [header, new Map(), payload, signature]
  return encodeCbor({ tag: COSE_SIGN1_TAG, value })
}

/** The public half as a COSE_Key (RFC 9053, EC2, P-384): the bytes that claim 44237 carries and the platform binds. */
export function coseKey(key: SigningKey): Uint8Array {
  const point = p384.getPublicKey(key.secret, false)
  const x = point.slice(1, 49)
  const y = point.slice(49)
  return encodeCbor(
    new Map<number, number | Uint8Array>([
      [1, 2],
      [-1, 2],
      [-2, x],
      [-3, y],
    ]),
  )
}
