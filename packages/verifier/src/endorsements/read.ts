import { decodeUtf8 } from '@mica/policy/cbor'
import { type CorimOptions, readCorim } from '../corim/read.ts'
import { type FileReading, isRecord, parseJson, startsAsJson } from '../json.ts'
import type { EndorsementFile } from './endorsement-file.ts'
import { lockEndorsements, readLock } from './lock.ts'
import { type Endorsements, NO_ENDORSEMENTS, readReferenceValues } from './reference-values.ts'
import { readTrustAnchors, type TrustAnchor } from './trust-anchors.ts'

/**
 * Reads one file of an endorser, whatever its format: a CoRIM in any CCA dialect, unsigned or signed; a CoSERV result
 * set; the JSON of other CCA tools, trust anchors (a list) or reference values (an object); or a lock file. No bytes
 * make it throw.
 */
export function readEndorsements(bytes: Uint8Array, options: CorimOptions = {}): FileReading<EndorsementFile> {
  const text = startsAsJson(bytes) ? decodeUtf8(bytes) : undefined
  if (text === undefined) return readCorim(bytes, options)
  const { signers, mustBeSigned = signers !== undefined } = options
  if (mustBeSigned) return { kind: 'refused', reason: 'it is not signed' }
  const json = parseJson(text)
  if (Array.isArray(json)) return onlyAnchors(readTrustAnchors(text))
  if (!isRecord(json) || json['peers'] === undefined) return onlyValues(readReferenceValues(text))
  const lock = readLock(text)
  return lock.kind === 'read' ? onlyValues({ kind: 'read', value: lockEndorsements(lock.value) }) : lock
}

function onlyAnchors(reading: FileReading<readonly TrustAnchor[]>): FileReading<EndorsementFile> {
  if (reading.kind === 'refused') return reading
  return { kind: 'read', value: { trustAnchors: reading.value, endorsements: NO_ENDORSEMENTS, notes: [] } }
}

function onlyValues(reading: FileReading<Endorsements>): FileReading<EndorsementFile> {
  if (reading.kind === 'refused') return reading
  return { kind: 'read', value: { trustAnchors: [], endorsements: reading.value, notes: [] } }
}
