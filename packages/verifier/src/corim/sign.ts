import { type CborKey, type CborValue, encodeCbor } from '@mica/policy/cbor'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { fromBase64Url } from '../bytes.ts'
import { type Curve, type EcPrivateJwk, keyFromJwk } from '../cose/key.ts'
import { signedBytes } from '../cose/sign1.ts'
import { ALGORITHM_CURVE, ALGORITHMS, type SigningAlgorithm } from '../cose/signature.ts'
import { type CorimValidity, validityMap } from './encode.ts'
import { CONTENT_TYPE, CONTENT_TYPES, CORIM_META, X5CHAIN } from './signed.ts'

/** What a signature on a manifest says beside the signature. */
export interface CorimSignature {
  /** Who signs, in words. */
  readonly signer: string
  /** Until when the signature counts. */
  readonly validity?: CorimValidity | undefined
  /** DER of the signer's certificate and of those above it, for verifiers that know a root and not the key. */
  readonly certificates?: readonly Uint8Array[] | undefined
}

const ECDSA: Readonly<Record<Curve, typeof p256>> = { 'P-256': p256, 'P-384': p384, 'P-521': p521 }
const ALG = 1

/**
 * Signs a manifest (a CoRIM's COSE_Sign1), by the algorithm that goes with the curve of the key, and always with the
 * same bytes (RFC 6979).
 *
 * @throws TypeError on what is no private EC key, which is the caller's mistake.
 */
export function signCorim(corim: Uint8Array, key: EcPrivateJwk, signature: CorimSignature): Uint8Array {
  const [curve, secret] = [keyFromJwk(key)?.curve, fromBase64Url(key.d)]
  const [id, algorithm] = [...ALGORITHMS].find(([, name]) => ALGORITHM_CURVE[name] === curve) ?? []
  if (curve === undefined || secret === undefined || algorithm === undefined)
    throw new TypeError('a manifest is signed with a private key of P-256, P-384 or P-521')
  const protectedBytes = encodeCbor(header(Number(id), signature))
  const message = signedBytes({ algorithm, protectedBytes, payload: corim, signature: new Uint8Array() })
  const signed = sign(algorithm, message, secret)
  return encodeCbor({ tag: 18, value: [protectedBytes, new Map(), corim, signed] })
}

function sign(algorithm: SigningAlgorithm, message: Uint8Array, secret: Uint8Array): Uint8Array {
  return ECDSA[ALGORITHM_CURVE[algorithm]].sign(message, secret, { prehash: true, format: 'compact', lowS: false })
}

/** The protected header; one certificate stands alone in it, several in a list (RFC 9360). */
function header(algorithm: number, { signer, validity, certificates = [] }: CorimSignature): CborValue {
  const meta: (readonly [CborKey, CborValue])[] = [[0, new Map<CborKey, CborValue>([[0, signer]])]]
  if (validity !== undefined) meta.push([1, validityMap(validity)])
  const [only, ...more] = certificates
  return new Map<CborKey, CborValue>([
    [ALG, algorithm],
    [CONTENT_TYPE, CONTENT_TYPES[0]!],
    [CORIM_META, encodeCbor(new Map(meta))],
    ...(only === undefined ? [] : [[X5CHAIN, more.length === 0 ? only : certificates] as const]),
  ])
}
