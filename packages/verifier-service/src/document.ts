import { createHash } from 'node:crypto'
import { decodeUtf8 } from '@mica/policy/cbor'
import {
  type EndorsementFile,
  type EndorsementSigners,
  type ExpectationsFile,
  type FileReading,
  readEndorsements,
  readExpectations,
} from '@mica/verifier'
import { EXPECTATIONS_TYPE } from './media-types.ts'

/** What an operator can provision: what endorsers say, or what is expected of the groups of a workflow. */
export type Document =
  | { readonly kind: 'endorsements'; readonly file: EndorsementFile }
  | { readonly kind: 'expectations'; readonly file: ExpectationsFile }

/** Bytes of a document that is looked at. */
export const DOCUMENT_LIMIT = 1_048_576

/** SHA-256 in hex: how a document is called everywhere, and evidence in the log. */
export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/**
 * Reads a document. No bytes make it throw.
 *
 * @param essence Its media type, without parameters: one of `DOCUMENT_TYPES`.
 * @param signers Who may sign endorsements in CBOR. Absent: they come unsigned, on the operator's own word, as JSON does.
 */
export function readDocument(essence: string, bytes: Uint8Array, signers?: EndorsementSigners): FileReading<Document> {
  if (essence === EXPECTATIONS_TYPE) {
    const reading = readExpectations(decodeUtf8(bytes) ?? '')
    return reading.kind === 'refused' ? reading : { kind: 'read', value: { kind: 'expectations', file: reading.value } }
  }
  const isSigned = essence === 'application/rim+cose' || essence === 'application/corim-signed+cbor'
  if (isSigned && signers === undefined) {
    return { kind: 'refused', reason: 'it is signed, and the service was told nobody who may sign (--endorser)' }
  }
  const reading = readEndorsements(bytes, isSigned ? { signers } : {})
  if (reading.kind === 'refused') return reading
  const { trustAnchors, endorsements, notes } = reading.value
  if (trustAnchors.length + endorsements.platforms.length + endorsements.realms.length === 0) {
    return { kind: 'refused', reason: ['it endorses nothing that is judged here', ...notes].join('; ') }
  }
  return { kind: 'read', value: { kind: 'endorsements', file: reading.value } }
}
