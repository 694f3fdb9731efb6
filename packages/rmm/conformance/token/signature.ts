import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import { byteString, decode, type OpenSign1 } from './open-token.ts'

/** Members of a COSE_Key of kind EC2 (RFC 9053). */
const COSE_KEY_X = -2
const COSE_KEY_Y = -3

/** The P-384 key in the bytes of a COSE_Key. Throws if there is none. */
export function keyOf(coseKey: Uint8Array): KeyObject {
  const members = decode(coseKey, 'the attestation key') as ReadonlyMap<number, CborValue>
  const coordinate = (label: number) =>
    Buffer.from(byteString(members.get(label), 'a coordinate')).toString('base64url')
  const key = { kty: 'EC', crv: 'P-384', x: coordinate(COSE_KEY_X), y: coordinate(COSE_KEY_Y) }
  return createPublicKey({ key, format: 'jwk' })
}

/** Whether a COSE_Sign1 was signed by the owner of a key, with ES384. */
export function isSignedBy({ protectedHeader, payload, signature }: OpenSign1, key: KeyObject): boolean {
  const signed = encodeCbor(['Signature1', protectedHeader, new Uint8Array(0), payload])
  return verify('sha384', signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
}
