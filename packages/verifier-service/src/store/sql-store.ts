import type { Database, Row } from './database.ts'
import { migrate } from './migrations.ts'
import * as sql from './statements.ts'
import {
  type Claimed,
  type EndorsementRecord,
  type EndorsementSnapshot,
  type SecretRecord,
  type Session,
  type SessionOutcome,
  type SessionState,
  type Store,
  StoreUnavailable,
} from './store.ts'

/** How a store keeps itself tidy. */
export interface StoreOptions {
  /** Milliseconds between two sweeps of expired sessions; 10 s unless told. 0 leaves sweeping to the caller. */
  readonly sweepEveryMs?: number
}

const SWEEP_EVERY_MS = 10_000

/** Sessions that one statement of a sweep removes at most: a few milliseconds' work. */
const SWEEP_PORTION = 1000

/** The store on any PostgreSQL: one schema and one set of statements, wherever the database runs. */
export class SqlStore implements Store {
  readonly #database: Database
  readonly #sweeping: NodeJS.Timeout | undefined

  /** Migrates `database` and takes it over; closes it when it cannot be used. */
  static async open(database: Database, options: StoreOptions): Promise<SqlStore> {
    try {
      await migrate(database)
    } catch (error) {
      await database.close()
      throw error
    }
    return new SqlStore(database, options.sweepEveryMs ?? SWEEP_EVERY_MS)
  }

  private constructor(database: Database, sweepEveryMs: number) {
    this.#database = database
    if (sweepEveryMs > 0) this.#sweeping = setInterval(() => void this.#sweepInBackground(), sweepEveryMs).unref()
  }

  async createSession(
    { id, nonce, expiresAt }: Pick<Session, 'id' | 'nonce' | 'expiresAt'>,
    limit: number,
    now: number,
  ): Promise<boolean> {
    const create = async (): Promise<unknown> => {
      const [row] = await this.#database.query(sql.createSession, [id, nonce, expiresAt, limit, now])
      return row?.['made']
    }
    const made = await create()
    if (made !== 'recount') return made === 'stored'
    await this.#database.query(sql.recountSessions, [now])
    return (await create()) === 'stored'
  }

  async session(id: string, now: number): Promise<Session | undefined> {
    if (!isUuid(id)) return undefined
    const [row] = await this.#database.query(sql.session, [id, now])
    return row && toSession(row)
  }

  async claimSession(id: string, evidenceDigest: Uint8Array, now: number): Promise<Claimed> {
    if (!isUuid(id)) return { kind: 'absent' }
    const [row] = await this.#database.query(sql.claimSession, [id, evidenceDigest, now])
    if (row) return { kind: 'claimed', session: { id, ...toChallenge(row), state: 'processing', evidenceDigest } }
    // INVARIANT: once a session has evidence, it keeps it, so what is read now decided the claim above.
    const session = await this.session(id, now)
    if (session?.evidenceDigest === undefined) return { kind: 'absent' }
    if (Buffer.compare(session.evidenceDigest, evidenceDigest) !== 0) return { kind: 'taken' }
    const { outcome } = session
    return outcome ? { kind: 'answered', session, outcome } : { kind: 'claimed', session }
  }

  async finishSession(
    id: string,
    evidenceDigest: Uint8Array,
    outcome: SessionOutcome,
  ): Promise<SessionOutcome | undefined> {
    if (!isUuid(id)) return undefined
    const { state, evidenceType, evidence, result } = outcome
    const values = [id, evidenceDigest, state, evidenceType, evidence, result]
    const [finished] = await this.#database.query(sql.finishSession, values)
    if (finished) return outcome
    const [stands] = await this.#database.query(sql.outcome, [id, evidenceDigest])
    return stands && toOutcome(stands)
  }

  async deleteSession(id: string): Promise<boolean> {
    if (!isUuid(id)) return false
    return (await this.#database.query(sql.deleteSession, [id])).length > 0
  }

  async sweepSessions(now: number): Promise<number> {
    let removed = 0
    for (;;) {
      const [row] = await this.#database.query(sql.sweepSessions, [now, SWEEP_PORTION])
      const count = Number(row?.['count'])
      removed += count
      if (count < SWEEP_PORTION) break
    }
    if (removed > 0) await this.#database.tidy()
    return removed
  }

  /** What a sweep cannot do now, because the database is away, the next one does. */
  async #sweepInBackground(): Promise<void> {
    try {
      await this.sweepSessions(Date.now())
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
    }
  }

  async countSessions(now: number): Promise<number> {
    const [row] = await this.#database.query(sql.countSessions, [now])
    return Number(row?.['count'])
  }

  async addEndorsement({ digest, mediaType, bytes, submittedAt }: EndorsementRecord): Promise<boolean> {
    const values = [digest, mediaType, bytes, submittedAt]
    return (await this.#database.query(sql.addEndorsement, values)).length > 0
  }

  async removeEndorsement(digest: string): Promise<boolean> {
    if (!isText(digest)) return false
    return (await this.#database.query(sql.removeEndorsement, [digest])).length > 0
  }

  async endorsementsSince(revision: number | undefined): Promise<EndorsementSnapshot | undefined> {
    const rows = await this.#database.query(sql.endorsementsSince, [revision ?? -1])
    if (rows[0] === undefined) return undefined
    const records = rows.filter((row) => row['digest'] !== null).map(toEndorsement)
    return { revision: Number(rows[0]['revision']), records }
  }

  async addSecret({ id, terms, sealed }: SecretRecord): Promise<boolean> {
    return (await this.#database.query(sql.addSecret, [id, terms, sealed])).length > 0
  }

  async secret(id: string): Promise<SecretRecord | undefined> {
    if (!isText(id)) return undefined
    const [row] = await this.#database.query(sql.secret, [id])
    return row && { id: String(row['id']), terms: String(row['terms']), sealed: row['sealed'] as Uint8Array }
  }

  async removeSecret(id: string): Promise<boolean> {
    if (!isText(id)) return false
    return (await this.#database.query(sql.removeSecret, [id])).length > 0
  }

  async ping(): Promise<void> {
    await this.#database.query(sql.ping, [])
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeping)
    await this.#database.close()
  }
}

/** Whether an id from a request can be that of a session at all; the database refuses to compare anything else. */
const isUuid = (id: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)

/** Whether a database can hold `text`: PostgreSQL has no NUL in text. */
const isText = (text: string): boolean => !text.includes('\0')

const toChallenge = (row: Row): Pick<Session, 'nonce' | 'expiresAt'> => ({
  nonce: row['nonce'] as Uint8Array,
  expiresAt: Number(row['expires_at']),
})

function toSession(row: Row): Session {
  return {
    id: String(row['id']),
    ...toChallenge(row),
    state: row['state'] as SessionState,
    evidenceDigest: (row['evidence_digest'] as Uint8Array | null) ?? undefined,
    outcome: row['result'] === null ? undefined : toOutcome(row),
  }
}

function toOutcome(row: Row): SessionOutcome {
  return {
    state: row['state'] as SessionOutcome['state'],
    evidenceType: String(row['evidence_type']),
    evidence: row['evidence'] as Uint8Array,
    result: String(row['result']),
  }
}

function toEndorsement(row: Row): EndorsementRecord {
  return {
    digest: String(row['digest']),
    mediaType: String(row['media_type']),
    bytes: row['bytes'] as Uint8Array,
    submittedAt: Number(row['submitted_at']),
  }
}
