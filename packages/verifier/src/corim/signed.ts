import type { CborValue } from '@mica/policy/cbor'
import type { EcPublicKey } from '../cose/key.ts'
import { decodeSign1, type Sign1, signedBytes } from '../cose/sign1.ts'
import { ALGORITHM_CURVE, type SignatureVerifier } from '../cose/signature.ts'
import { verifyCertificates } from '../x509/chain.ts'
import type { CorimMap, Reading } from './reading.ts'
import { checkValidity } from './validity.ts'

/** Tag of a COSE_Sign1, which a signed manifest is. */
export const TAG_SIGN1 = 18

/** Who may sign endorsements. */
export interface EndorsementSigners {
  /** Keys that are trusted as they are. */
  readonly keys?: readonly EcPublicKey[] | undefined
  /** DER of certificates; what they certify may sign, by the chain in the signature's header. */
  readonly roots?: readonly Uint8Array[] | undefined
}

/** Header parameters: RFC 9052 content type, corim-meta, and RFC 9360 x5chain. */
export const CONTENT_TYPE = 3
export const CORIM_META = 8
export const X5CHAIN = 33
const META_VALIDITY = 1
/** What endorsements say that they are: a CoRIM, or a CoSERV result set. */
export const CONTENT_TYPES: readonly CborValue[] = ['application/rim+cbor', 'application/coserv+cbor']

/** What it takes to check a signed manifest. */
export interface SignedContext {
  readonly signers: EndorsementSigners
  readonly signatures: SignatureVerifier
  readonly at: Date
}

/**
 * Verifies a signed CoRIM or CoSERV result set, whatever it holds.
 * @returns The payload, signed by a key or under a root that is trusted; `undefined` after a refusal, in the order:
 *   COSE syntax; content type; validity of the signature; certificate chain; no trusted key; signature.
 */
export function openSigned(reading: Reading, bytes: Uint8Array, context: SignedContext): Uint8Array | undefined {
  const message = decodeSign1(bytes)
  if (message.kind === 'malformed') return reading.refuse(`${message.reason} at byte ${message.offset}`)
  if (message.kind === 'refused') return reading.refuse(`COSE_Sign1: ${message.reason}`)
  const { sign1 } = message
  const header = reading.map(reading.decode(sign1.protectedBytes, 'protected header'), 'protected header')
  if (header === undefined) return undefined
  if (!CONTENT_TYPES.includes(header.get(CONTENT_TYPE) ?? null))
    return reading.refuse('the content type of the signature is not that of endorsements')
  if (!checkMeta(reading, header, context.at)) return undefined
  const keys = trustedKeys(reading, header, sign1, context)
  if (keys === undefined) return undefined
  const message1 = signedBytes(sign1)
  const signed = keys.some((key) => context.signatures.verify(sign1.algorithm, key, message1, sign1.signature))
  return signed ? sign1.payload : reading.refuse('it is not signed by a key that is trusted for endorsements')
}

/** corim-meta: who signed, by their own words, and until when that counts. */
function checkMeta(reading: Reading, header: CorimMap, at: Date): boolean {
  const meta = header.get(CORIM_META)
  if (meta === undefined) return true
  const map =
    meta instanceof Uint8Array
      ? reading.map(reading.decode(meta, 'corim-meta'), 'corim-meta')
      : reading.refuse('corim-meta is no byte string')
  return map !== undefined && checkValidity(reading, map.get(META_VALIDITY), at, 'the signature')
}

/** The keys that may have signed: that of the chain if there is one, else those given. A `kid` is only a hint. */
function trustedKeys(
  reading: Reading,
  header: CorimMap,
  { algorithm }: Sign1,
  { signers, signatures, at }: SignedContext,
): readonly EcPublicKey[] | undefined {
  const { keys = [], roots = [] } = signers
  const curve = ALGORITHM_CURVE[algorithm]
  const fitting = keys.filter((key) => key.curve === curve)
  const x5chain = header.get(X5CHAIN)
  if (x5chain === undefined || roots.length === 0) {
    return fitting.length > 0 ? fitting : reading.refuse('no key or root is trusted that could have signed it')
  }
  const chain: readonly CborValue[] = Array.isArray(x5chain) ? x5chain : [x5chain]
  if (!chain.every((der) => der instanceof Uint8Array)) return reading.refuse('x5chain holds no certificates')
  const checked = verifyCertificates(chain, { roots, at, signatures })
  if (checked.kind === 'refused') return reading.refuse(`x5chain: ${checked.reason}`)
  return checked.key.curve === curve ? [checked.key] : reading.refuse(`the signer's key is of ${checked.key.curve}`)
}
