import { type EndorsementFile, type EndorsementSigners, type ExpectationsFile, joinEndorsements } from '@mica/verifier'
import { type Document, digestOf, readDocument } from './document.ts'
import type { EndorsementRecord, EndorsementSnapshot, Store } from './store/store.ts'
import type { StoreKey } from './store-key.ts'

/** Whom the service believes, and what it expects. */
export interface Known extends Pick<EndorsementFile, 'trustAnchors' | 'endorsements'> {
  /** By the SHA-256 of the document, in hex. */
  readonly expectations: ReadonlyMap<string, ExpectationsFile>
}

/** What an instance is started with, and keeps until it ends. */
export type FixedKnowledge = Known

/** Endorsements have a time of validity: what is known is read again after this long though nothing changed. */
const REREAD_MS = 60_000

/** Where knowledge comes from, beside what is fixed. */
export interface KnowledgeSources {
  readonly fixed: FixedKnowledge
  readonly store: Store
  readonly storeKey: StoreKey
  /** Who may sign manifests. */
  readonly signers?: EndorsementSigners | undefined
  /** How old an answer may be. */
  readonly maxAgeMs: number
  /** Told of records that are passed over: another key vouched for them, or they are not valid any more. */
  readonly onPassedOver: (digest: string, reason: string) => void
}

/** What the service knows, joined from what it was started with and what operators of any instance provisioned. */
export class Knowledge {
  readonly #sources: KnowledgeSources
  #snapshot: EndorsementSnapshot | undefined
  #known: Known | undefined
  #checkedAt = Number.NEGATIVE_INFINITY
  #readAt = Number.NEGATIVE_INFINITY
  #refreshing: Promise<Known> | undefined
  /** Counts what was changed here, so that an answer of before a change is not taken for one of after it. */
  #changes = 0

  constructor(sources: KnowledgeSources) {
    this.#sources = sources
  }

  /** What is known now, or was a moment ago. Rejects with `StoreUnavailable`: without its store a service knows nothing. */
  current(): Promise<Known> {
    const isFresh = performance.now() - this.#checkedAt < this.#sources.maxAgeMs
    if (this.#known !== undefined && isFresh) return Promise.resolve(this.#known)
    const refreshing = this.#refreshing ?? this.#refresh()
    this.#refreshing = refreshing
    return refreshing.finally(() => {
      if (this.#refreshing === refreshing) this.#refreshing = undefined
    })
  }

  /** Makes the next question go to the store: something was changed. */
  forget(): void {
    this.#changes++
    this.#checkedAt = Number.NEGATIVE_INFINITY
    this.#refreshing = undefined
  }

  async #refresh(): Promise<Known> {
    const [askedAt, changes] = [performance.now(), this.#changes]
    const changed = await this.#sources.store.endorsementsSince(this.#snapshot?.revision)
    const snapshot = changed ?? this.#snapshot ?? { revision: 0, records: [] }
    if (this.#known === undefined || changed !== undefined || askedAt - this.#readAt >= REREAD_MS) {
      this.#known = this.#join(snapshot.records)
      this.#readAt = askedAt
    }
    this.#snapshot = snapshot
    if (changes === this.#changes) this.#checkedAt = askedAt
    return this.#known
  }

  #join(records: readonly EndorsementRecord[]): Known {
    const { fixed } = this.#sources
    const expectations = new Map(fixed.expectations)
    const files: EndorsementFile[] = [{ ...fixed, notes: [] }]
    for (const record of records) {
      const document = this.#read(record)
      if (document?.kind === 'endorsements') files.push(document.file)
      if (document?.kind === 'expectations') expectations.set(record.digest, document.file)
    }
    return { ...joinEndorsements(files), expectations }
  }

  #read(record: EndorsementRecord): Document | undefined {
    const { storeKey, signers, onPassedOver } = this.#sources
    const bytes = storeKey.vouched(record)
    const reading =
      // The digest is what terms and clients call a document by, so the store's word for it is not enough.
      bytes === undefined || digestOf(bytes) !== record.digest
        ? ({ kind: 'refused', reason: 'no instance of this service stored it so' } as const)
        : readDocument(record.mediaType, bytes, signers)
    if (reading.kind === 'read') return reading.value
    onPassedOver(record.digest, reading.reason)
    return undefined
  }
}
