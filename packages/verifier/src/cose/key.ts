import { type CborValue, decodeCbor } from '@mica/policy/cbor'
import { equalBytes, fromBase64Url } from '../bytes.ts'

/** The curves that CCA keys use, by their JOSE names. */
export type Curve = 'P-256' | 'P-384' | 'P-521'

/** A point that claims to be on `curve`: coordinates big endian, padded to the curve's field. Not yet checked. */
export interface EcPublicKey {
  readonly curve: Curve
  readonly x: Uint8Array
  readonly y: Uint8Array
}

/** An elliptic-curve public key as JSON (RFC 7518 section 6.2): what trust-anchor files hold. */
export interface EcJwk {
  readonly kty: 'EC'
  readonly crv: string
  readonly x: string
  readonly y: string
}

/** A private key as JSON: its public form, and the scalar `d`. */
export interface EcPrivateJwk extends EcJwk {
  readonly d: string
}

/** Whether two keys are one. */
export const isSameKey = (a: EcPublicKey, b: EcPublicKey): boolean =>
  a.curve === b.curve && equalBytes(a.x, b.x) && equalBytes(a.y, b.y)

/** A key whose bytes nobody else holds. */
export const copiedKey = ({ curve, x, y }: EcPublicKey): EcPublicKey => ({ curve, x: x.slice(), y: y.slice() })

/** Bytes of one coordinate. */
export const COORDINATE_LENGTH: Readonly<Record<Curve, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 }

const CURVES: readonly Curve[] = ['P-256', 'P-384', 'P-521']

// RFC 9052 section 7 and RFC 9053 section 7: common and EC2 parameters of a COSE_Key.
const KTY = 1
const ALG = 3
const CRV = -1
const X = -2
const Y = -3
const KTY_OKP = 1
const KTY_EC2 = 2
const CRV_X25519 = 4
const COSE_CURVES: ReadonlyMap<CborValue, Curve> = new Map([
  [1, 'P-256'],
  [2, 'P-384'],
  [3, 'P-521'],
])
const CURVE_ALGORITHM: Readonly<Record<Curve, number>> = { 'P-256': -7, 'P-384': -35, 'P-521': -36 }

/** What decoding a key gives: the key, or one line of why not. */
export type KeyDecoding =
  | { readonly kind: 'key'; readonly key: EcPublicKey; readonly form: 'raw' | 'cose-key' }
  | { readonly kind: 'refused'; readonly reason: string }

const refused = (reason: string): KeyDecoding => ({ kind: 'refused', reason })

/** Reads a JWK; `undefined` unless it is an EC key of a known curve with full-length coordinates. */
export function keyFromJwk(jwk: EcJwk): EcPublicKey | undefined {
  const curve = CURVES.find((name) => name === jwk.crv)
  const x = fromBase64Url(jwk.x)
  const y = fromBase64Url(jwk.y)
  if (jwk.kty !== 'EC' || curve === undefined || x === undefined || y === undefined) return undefined
  const length = COORDINATE_LENGTH[curve]
  return x.length === length && y.length === length ? { curve, x, y } : undefined
}

/**
 * Reads a Realm attestation key by its content: `04 | X | Y` (legacy profile), or an encoded COSE_Key.
 *
 * Fielded firmware mixes profiles, so the form is found here and compared with the profile elsewhere. Whether the
 * point lies on its curve is for the signature implementation to say.
 */
export function decodeRealmAttestationKey(bytes: Uint8Array): KeyDecoding {
  if (bytes[0] !== 0x04) return decodeCoseKey(bytes)
  const length = (bytes.length - 1) / 2
  const curve = CURVES.find((name) => COORDINATE_LENGTH[name] === length)
  if (curve === undefined) return refused(`an uncompressed point of ${bytes.length} bytes`)
  return { kind: 'key', form: 'raw', key: { curve, x: bytes.slice(1, 1 + length), y: bytes.slice(1 + length) } }
}

function decodeCoseKey(bytes: Uint8Array): KeyDecoding {
  const decoded = decodeCbor(bytes, { deterministic: false, maxDepth: 4 })
  if (decoded.kind === 'malformed') return refused(`COSE_Key: ${decoded.reason} at byte ${decoded.offset}`)
  const map = decoded.value
  if (!(map instanceof Map)) return refused('neither an uncompressed point nor a COSE_Key map')
  if (map.get(KTY) !== KTY_EC2) return refused('COSE_Key: kty is not EC2')
  const curve = COSE_CURVES.get(map.get(CRV) ?? null)
  if (curve === undefined) return refused('COSE_Key: unknown curve')
  const alg: unknown = map.get(ALG)
  if (alg !== undefined && alg !== CURVE_ALGORITHM[curve]) return refused('COSE_Key: alg is not that of the curve')
  const [x, y]: unknown[] = [map.get(X), map.get(Y)]
  const length = COORDINATE_LENGTH[curve]
  // A sign bit instead of y (point compression) is legal COSE, but no profile of CCA uses it.
  if (!(x instanceof Uint8Array) || !(y instanceof Uint8Array)) return refused('COSE_Key: x and y must be byte strings')
  if (x.length !== length || y.length !== length) return refused(`COSE_Key: coordinates must be ${length} bytes`)
  return { kind: 'key', form: 'cose-key', key: { curve, x, y } }
}

/**
 * The 32 bytes of an X25519 public key from `{1: 1, -1: 4, -2: x}` in deterministic CBOR; `undefined` for any other
 * bytes. Exactly one encoding is accepted, because a challenge commits to the bytes.
 */
export function decodeX25519Key(bytes: Uint8Array): Uint8Array | undefined {
  const decoded = decodeCbor(bytes, { deterministic: true, maxDepth: 2 })
  if (decoded.kind === 'malformed' || !(decoded.value instanceof Map)) return undefined
  const map = decoded.value
  const x: unknown = map.get(X)
  if (map.size !== 3 || map.get(KTY) !== KTY_OKP || map.get(CRV) !== CRV_X25519) return undefined
  return x instanceof Uint8Array && x.length === 32 ? x : undefined
}
