import { defaultSignatures } from '#default-signatures'
import type { SignatureVerifier } from '../cose/signature.ts'
import type { EndorsementFile } from '../endorsements/endorsement-file.ts'
import type { FileReading } from '../json.ts'
import { readCorimMap, TAG_CORIM } from './corim.ts'
import { RESULT_SET, readCoserv } from './coserv.ts'
import { Reading, tagged } from './reading.ts'
import { type EndorsementSigners, openSigned, TAG_SIGN1 } from './signed.ts'

/** The largest manifest that is looked at, in bytes. */
export const CORIM_SIZE_LIMIT = 1_048_576

/** How endorsements in CBOR are read. */
export interface CorimOptions {
  /**
   * Who may sign. Given: everything must be signed by one of them. Absent: unsigned manifests are taken as the
   * caller's own word, like any file he names, and signed ones are refused, because nobody could have checked them.
   */
  readonly signers?: EndorsementSigners | undefined
  /** `false` lets unsigned ones pass as the caller's own word although there are signers. */
  readonly mustBeSigned?: boolean | undefined
  /** The time at which they must be valid; now by default. */
  readonly at?: Date | undefined
  /** As for evidence; certificates are checked by it too. */
  readonly signatures?: SignatureVerifier | undefined
}

/**
 * Reads a CoRIM in any of the CCA dialects, unsigned (tag 501) or signed (tag 18), or a CoSERV result set. No bytes
 * make it throw; anything that is not understood refuses the whole file, but for what its format says to pass over.
 */
export function readCorim(bytes: Uint8Array, options: CorimOptions = {}): FileReading<EndorsementFile> {
  if (bytes.length > CORIM_SIZE_LIMIT) {
    return { kind: 'refused', reason: `${bytes.length} bytes are more than the limit of ${CORIM_SIZE_LIMIT}` }
  }
  const reading = new Reading()
  const file = readAny(reading, bytes, options)
  const { refusal } = reading
  if (refusal !== undefined) return { kind: 'refused', reason: refusal }
  // INVARIANT: a reader returns nothing only after a refusal.
  return { kind: 'read', value: file! }
}

function readAny(reading: Reading, bytes: Uint8Array, options: CorimOptions): EndorsementFile | undefined {
  const { signers, at = new Date(), mustBeSigned = signers !== undefined } = options
  const outer = reading.decode(bytes, 'endorsements')
  if (outer === undefined) return undefined
  const signed = tagged(outer, TAG_SIGN1) !== undefined
  if (signed && signers === undefined) return reading.refuse('it is signed, and nobody is trusted to sign endorsements')
  if (!signed && mustBeSigned) return reading.refuse('it is not signed')
  if (!signed || signers === undefined) return readContent(reading, bytes, at)
  const { signatures = defaultSignatures } = options
  const payload = openSigned(reading, bytes, { signers, signatures, at })
  return payload === undefined ? undefined : readContent(reading, payload, at)
}

function readContent(reading: Reading, bytes: Uint8Array, at: Date): EndorsementFile | undefined {
  const value = reading.decode(bytes, 'endorsements')
  if (value === undefined) return undefined
  const corim = tagged(value, TAG_CORIM)
  if (corim !== undefined) return readCorimMap(reading, corim, at)
  if (value instanceof Map && value.get(RESULT_SET) instanceof Map) return readCoserv(reading, value, at)
  return reading.refuse('it is neither a CoRIM (tag 501) nor a CoSERV result set')
}
