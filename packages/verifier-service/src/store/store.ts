/**
 * Where a session stands, in the words of the challenge-response API.
 *
 * - `waiting`: the nonce is out, no evidence has come. It ends with evidence, or when its time is over.
 * - `processing`: evidence of one digest is being appraised. Only that evidence may be answered in this session: an
 *   instance that dies here leaves a session in which the same evidence, sent again, is appraised again.
 * - `complete`: evidence was appraised and answered; `outcome` holds the answer word for word. Final.
 * - `failed`: what came could not be appraised; `outcome` holds the answer word for word. Final.
 */
export type SessionState = 'waiting' | 'processing' | 'complete' | 'failed'

/** An answer that was given, kept so that whoever asks again, of any instance, reads the same bytes. */
export interface SessionOutcome {
  readonly state: 'complete' | 'failed'
  /** Media type of the evidence as it was sent. */
  readonly evidenceType: string
  readonly evidence: Uint8Array
  /** The attestation result (an EAR, signed), or the problem document's JSON text for `failed`. */
  readonly result: string
}

/** One challenge and what became of it. Times are milliseconds since 1970. */
export interface Session {
  /** UUID of the session. */
  readonly id: string
  /** 8 to 64 bytes. */
  readonly nonce: Uint8Array
  readonly expiresAt: number
  readonly state: SessionState
  /** SHA-256 of the evidence (media type, NUL, bytes) that the session was given to. Absent while `waiting`. */
  readonly evidenceDigest?: Uint8Array | undefined
  readonly outcome?: SessionOutcome | undefined
}

/** The answer to evidence that asks for a session: at most one evidence ever has it. */
export type Claimed =
  | { readonly kind: 'claimed'; readonly session: Session }
  /** This very evidence has had its answer, which is the session's outcome too. */
  | { readonly kind: 'answered'; readonly session: Session; readonly outcome: SessionOutcome }
  /** Another evidence has the session. */
  | { readonly kind: 'taken' }
  /** No such session, or its time is over. */
  | { readonly kind: 'absent' }

/** Endorsements as they were submitted. Kept as bytes: what they mean is decided by whoever reads them. */
export interface EndorsementRecord {
  /** SHA-256 of the bytes, in lower-case hex: a document is stored once. */
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Uint8Array
  /** Milliseconds since 1970. */
  readonly submittedAt: number
}

/** All endorsements at one moment, with a number that changes whenever they do. */
export interface EndorsementSnapshot {
  readonly revision: number
  readonly records: readonly EndorsementRecord[]
}

/** A secret for one member of one group. `sealed` is ciphertext: the store never sees the secret. */
export interface SecretRecord {
  readonly id: string
  /** What must hold before the secret leaves, as JSON text: group, assertions, recipient. */
  readonly terms: string
  readonly sealed: Uint8Array
}

/**
 * What the service remembers, behind one interface: in this process ({@link openEmbedded}) or in a PostgreSQL that
 * several instances share ({@link openPostgres}). Every method is one transaction. A failure of the store itself
 * (connection lost, disk full) rejects with `StoreUnavailable`; whether the change was made is then unknown, for the
 * acknowledgement may be what was lost, and every method may be repeated. Ids come from requests as they are: what
 * cannot be an id is the id of nothing.
 */
export interface Store {
  /**
   * Never more than `limit` sessions are open (unexpired), over all instances. Once that many were, a place that becomes
   * free may be given out a second late.
   *
   * @returns `false`, with nothing stored, when there is no place.
   */
  createSession(session: Pick<Session, 'id' | 'nonce' | 'expiresAt'>, limit: number, now: number): Promise<boolean>
  /** @returns The session; `undefined` for an unknown one and for one that expired. */
  session(id: string, now: number): Promise<Session | undefined>
  /** Gives a session to evidence, if no other evidence has it: atomic over all instances. */
  claimSession(id: string, evidenceDigest: Uint8Array, now: number): Promise<Claimed>
  /**
   * Stores the answer before it is sent. When two instances answer the same evidence, the first wins.
   *
   * @returns The outcome that stands; `undefined` when the session is gone or was given to other evidence.
   */
  finishSession(id: string, evidenceDigest: Uint8Array, outcome: SessionOutcome): Promise<SessionOutcome | undefined>
  /** @returns Whether there was such a session. */
  deleteSession(id: string): Promise<boolean>
  /** Removes sessions that expired at `now`; a store does so by itself every few seconds. @returns How many. */
  sweepSessions(now: number): Promise<number>
  /** Sessions that are open (unexpired) at `now`. */
  countSessions(now: number): Promise<number>

  /** @returns `false` when the same bytes were there already. */
  addEndorsement(record: EndorsementRecord): Promise<boolean>
  removeEndorsement(digest: string): Promise<boolean>
  /** @returns Everything, or `undefined` when nothing changed since `revision`. */
  endorsementsSince(revision: number | undefined): Promise<EndorsementSnapshot | undefined>

  /** @returns `false` when a secret of this id exists: a secret is replaced by removing it first. */
  addSecret(record: SecretRecord): Promise<boolean>
  secret(id: string): Promise<SecretRecord | undefined>
  removeSecret(id: string): Promise<boolean>

  /** Resolves when the store answers. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** The store did not answer, or could not keep what it was told. What was asked of it may be repeated. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}
