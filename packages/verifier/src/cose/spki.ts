import { concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import { toBase64Url } from '../bytes.ts'
import { pemBlocks, pemText } from '../pem.ts'
import { COORDINATE_LENGTH, type Curve, type EcJwk, type EcPublicKey } from './key.ts'

/** DER of a SubjectPublicKeyInfo (RFC 5480) up to the coordinates of an uncompressed point on a named curve. */
export const SPKI_PREFIX: Readonly<Record<Curve, Uint8Array>> = {
  'P-256': hexToBytes('3059301306072a8648ce3d020106082a8648ce3d03010703420004'),
  'P-384': hexToBytes('3076301006072a8648ce3d020106052b8104002203620004'),
  'P-521': hexToBytes('30819b301006072a8648ce3d020106052b810400230381860004'),
}

const CURVES: readonly Curve[] = ['P-256', 'P-384', 'P-521']

/**
 * The key in a DER SubjectPublicKeyInfo: a named curve and an uncompressed point, in the one encoding DER has for it.
 * `undefined` for anything else. Whether the point lies on its curve is for the signature implementation to say.
 */
export function keyFromSpki(der: Uint8Array): EcPublicKey | undefined {
  const curve = CURVES.find((name) => SPKI_PREFIX[name].every((byte, i) => der[i] === byte))
  if (curve === undefined) return undefined
  const [start, length] = [SPKI_PREFIX[curve].length, COORDINATE_LENGTH[curve]]
  if (der.length !== start + 2 * length) return undefined
  return { curve, x: der.slice(start, start + length), y: der.slice(start + length) }
}

/** The key in a PEM text of one `PUBLIC KEY` (RFC 7468 section 13); `undefined` for anything else. */
export function keyFromPem(text: string): EcPublicKey | undefined {
  const [block, ...more] = pemBlocks(text) ?? []
  return block?.label === 'PUBLIC KEY' && more.length === 0 ? keyFromSpki(block.der) : undefined
}

/** A key as PEM of one `PUBLIC KEY`. */
export const keyToPem = ({ curve, x, y }: EcPublicKey): string =>
  pemText('PUBLIC KEY', concatBytes(SPKI_PREFIX[curve], x, y))

/** The JSON form of a key. */
export function keyToJwk(key: EcPublicKey): EcJwk {
  return { kty: 'EC', crv: key.curve, x: toBase64Url(key.x), y: toBase64Url(key.y) }
}
