import type { CborValue } from '@mica/policy/cbor'
import type { EndorsementFile } from '../endorsements/endorsement-file.ts'
import type { PlatformReference, RealmReference } from '../endorsements/reference-values.ts'
import type { TrustAnchor } from '../endorsements/trust-anchors.ts'
import { readPlatformTriple } from './platform.ts'
import type { CorimSubject } from './profile.ts'
import { type Reading, shownValue } from './reading.ts'
import { describesRealm, readRealmTriple } from './realm.ts'
import { readTrustAnchor } from './trust-anchor.ts'

// CoMID: concise-mid-tag and triples-map.
const TRIPLES = 4
const REFERENCE_TRIPLES = 0
const ATTEST_KEY_TRIPLES = 3

/** What the CoMIDs of one manifest say, gathered triple by triple. */
export class EndorsementCollector {
  readonly #anchors: TrustAnchor[] = []
  readonly #platforms: PlatformReference[] = []
  readonly #realms: RealmReference[] = []
  readonly #reading: Reading
  readonly #subject: CorimSubject | undefined

  /** @param subject What the profile says that the manifest describes; `undefined` where it has none. */
  constructor(reading: Reading, subject: CorimSubject | undefined) {
    this.#reading = reading
    this.#subject = subject
  }

  /** A reference triple. Several of one platform or Realm are alternatives, each complete. */
  reference(value: CborValue): void {
    const triple = readTriple(this.#reading, value)
    if (triple === undefined) return
    const measurements = Array.isArray(triple[1]) ? triple[1] : []
    const subject = this.#subject ?? (describesRealm(measurements) ? 'realm' : 'platform')
    if (subject === 'realm') push(this.#realms, readRealmTriple(this.#reading, triple))
    else push(this.#platforms, readPlatformTriple(this.#reading, triple))
  }

  attestKey(value: CborValue): void {
    const triple = readTriple(this.#reading, value)
    if (triple === undefined) return
    if (this.#subject === 'realm') this.#reading.refuse('a manifest of Realms has an attestation key')
    else push(this.#anchors, readTrustAnchor(this.#reading, triple))
  }

  finish(): EndorsementFile {
    return {
      trustAnchors: this.#anchors,
      endorsements: { platforms: this.#platforms, realms: this.#realms },
      notes: this.#reading.notes,
    }
  }
}

const push = <T>(list: T[], item: T | undefined): void => {
  if (item !== undefined) list.push(item)
}

function readTriple(reading: Reading, value: CborValue): readonly CborValue[] | undefined {
  if (Array.isArray(value) && value.length === 2) return value
  return reading.refuse('a triple is no array of two')
}

/** Reads an encoded CoMID into `collector`. Triples other than reference values and attestation keys are passed over. */
export function readComid(reading: Reading, collector: EndorsementCollector, bytes: Uint8Array): void {
  const map = reading.map(reading.decode(bytes, 'CoMID'), 'CoMID')
  const triples = map === undefined ? undefined : reading.map(map.get(TRIPLES), 'the triples of a CoMID')
  if (triples === undefined) return
  for (const [kind, list] of triples) {
    if (kind === REFERENCE_TRIPLES) {
      for (const triple of reading.list(list, 'reference triples') ?? []) collector.reference(triple)
    } else if (kind === ATTEST_KEY_TRIPLES) {
      for (const triple of reading.list(list, 'attest-key triples') ?? []) collector.attestKey(triple)
    } else reading.note(`triples of kind ${shownValue(kind)} are passed over`)
    if (reading.refusal !== undefined) return
  }
}
