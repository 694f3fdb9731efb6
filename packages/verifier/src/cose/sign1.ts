import { type CborDecoding, type CborValue, decodeCbor } from '@mica/policy/cbor'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { ALGORITHMS, type SigningAlgorithm } from './signature.ts'

/** A COSE_Sign1 (RFC 9052 section 4.2) as received: `protectedBytes` is what was signed, never a re-encoding. */
export interface Sign1 {
  readonly algorithm: SigningAlgorithm
  readonly protectedBytes: Uint8Array
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

/** What decoding gives: the message; CBOR that is not well-formed; or a structure that COSE or this profile forbids. */
export type Sign1Decoding =
  | { readonly kind: 'sign1'; readonly sign1: Sign1 }
  | { readonly kind: 'malformed'; readonly reason: string; readonly offset: number }
  | { readonly kind: 'refused'; readonly reason: string }

const TAG_SIGN1 = 18
const ALG = 1
const CRIT = 2
/** Header parameters understood here, which is what `crit` asks: alg, crit itself, content type, kid. */
const UNDERSTOOD: ReadonlySet<unknown> = new Set([ALG, CRIT, 3, 4])

/** A token's headers are flat but for certificate chains in the unprotected bucket. */
const LIMITS = { deterministic: false, maxDepth: 8, maxItems: 1_024 }

const refused = (reason: string): Sign1Decoding => ({ kind: 'refused', reason })

/**
 * Decodes a COSE_Sign1, strictly.
 *
 * Refused, in this order: no tag 18; not four elements of the right types; a detached payload; a protected header that
 * is no map; `alg` outside the protected header, absent or unknown; `crit` unprotected, empty, or naming a parameter
 * that is absent or not understood; a parameter in both headers.
 */
export function decodeSign1(bytes: Uint8Array): Sign1Decoding {
  const decoded = decodeCbor(bytes, LIMITS)
  if (decoded.kind === 'malformed') return decoded
  const parts = untag(decoded.value)
  if (parts === undefined) return refused('tag 18 is missing')
  if (!Array.isArray(parts) || parts.length !== 4) return refused('not an array of four')
  const [protectedBytes, unprotectedHeader, payload, signature]: unknown[] = parts
  if (!(protectedBytes instanceof Uint8Array)) return refused('the protected header is not a byte string')
  if (!(unprotectedHeader instanceof Map)) return refused('the unprotected header is not a map')
  if (payload === null) return refused('the payload is detached')
  if (!(payload instanceof Uint8Array)) return refused('the payload is not a byte string')
  if (!(signature instanceof Uint8Array)) return refused('the signature is not a byte string')

  const header = decodeProtected(protectedBytes)
  if (header.kind === 'malformed') return refused(`the protected header is malformed: ${header.reason}`)
  const protectedHeader = header.value
  if (!(protectedHeader instanceof Map)) return refused('the protected header is not a map')
  const problem = checkHeaders(protectedHeader, unprotectedHeader)
  if (problem !== undefined) return refused(problem)
  const algorithm = ALGORITHMS.get(protectedHeader.get(ALG))
  if (algorithm === undefined) return refused('the algorithm is not ES256, ES384 or ES512')
  return { kind: 'sign1', sign1: { algorithm, protectedBytes, payload, signature } }
}

/** An empty protected header is spelled as no bytes at all (RFC 9052 section 3). */
function decodeProtected(bytes: Uint8Array): CborDecoding {
  if (bytes.length === 0) return { kind: 'value', value: new Map() }
  return decodeCbor(bytes, LIMITS)
}

function untag(value: CborValue): CborValue | undefined {
  const tagged = typeof value === 'object' && value !== null && 'tag' in value && value.tag === TAG_SIGN1
  return tagged ? value.value : undefined
}

function checkHeaders(
  protectedHeader: ReadonlyMap<unknown, unknown>,
  unprotectedHeader: ReadonlyMap<unknown, unknown>,
): string | undefined {
  if (unprotectedHeader.has(ALG)) return 'alg stands in the unprotected header'
  if (unprotectedHeader.has(CRIT)) return 'crit stands in the unprotected header'
  if (!protectedHeader.has(ALG)) return 'the protected header names no algorithm'
  for (const label of protectedHeader.keys()) {
    if (unprotectedHeader.has(label)) return 'a parameter stands in both headers'
  }
  if (!protectedHeader.has(CRIT)) return undefined
  const crit = protectedHeader.get(CRIT)
  if (!Array.isArray(crit) || crit.length === 0) return 'crit is not a list of parameters'
  for (const label of crit) {
    if (!UNDERSTOOD.has(label)) return 'crit names a parameter that is not understood'
    if (!protectedHeader.has(label)) return 'crit names a parameter that is absent'
  }
  return undefined
}

/** How every Sig_structure begins: an array of four, the first of which is the text `Signature1`. */
const SIGNATURE1 = Uint8Array.of(0x84, 0x6a, ...utf8ToBytes('Signature1'))
const NO_BYTES = Uint8Array.of(0x40)

/**
 * The bytes that a COSE_Sign1 signs: its Sig_structure with an empty external_aad (RFC 9052 section 4.4). Put together by
 * hand, because it is two copies of the payload less, for every signature there is.
 */
export function signedBytes({ protectedBytes, payload }: Sign1): Uint8Array {
  return concatBytes(SIGNATURE1, byteHead(protectedBytes), protectedBytes, NO_BYTES, byteHead(payload), payload)
}

/** Initial byte and length of a byte string (RFC 8949 section 3), the shortest that it can have. */
function byteHead({ length }: Uint8Array): Uint8Array {
  if (length < 24) return Uint8Array.of(0x40 | length)
  if (length < 0x100) return Uint8Array.of(0x58, length)
  if (length < 0x1_0000) return Uint8Array.of(0x59, length >> 8, length & 0xff)
  return Uint8Array.of(0x5a, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff)
}
