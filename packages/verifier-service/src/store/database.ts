import type pg from 'pg'
import { StoreUnavailable } from './store.ts'

/** One row as the database gives it: `bytea` as bytes, `bigint` and `integer` as numbers. */
export type Row = Readonly<Record<string, unknown>>

/** A statement with parameters. The name is under which a connection prepares it, once. */
export interface Statement {
  readonly name: string
  readonly text: string
}

/** What a parameter may be. Bytes become `bytea`. */
export type Value = string | number | Uint8Array | null

/** What a kind of database does in its own way. */
export interface Housekeeping {
  /** Scripts that give back the space of what was deleted; none where the database does so by itself. */
  readonly tidying: readonly string[]
  /** Ends what the connections led to, after them. */
  close(): Promise<void>
}

/**
 * A PostgreSQL, wherever it runs, through a pool of connections. Whatever keeps it from answering, or from keeping what
 * it was told, rejects with `StoreUnavailable`; a wrong statement or a wrong value, which are ours, with what it says.
 */
export class Database {
  readonly #pool: pg.Pool
  readonly #housekeeping: Housekeeping
  #closed: Promise<void> | undefined

  constructor(pool: pg.Pool, housekeeping: Housekeeping) {
    this.#pool = pool
    this.#housekeeping = housekeeping
    // A connection that breaks tells whoever waits for it, and leaves the pool; these events need not be heard as well.
    pool.on('error', () => {})
    pool.on('connect', (client) => client.on('error', () => {}))
  }

  /** Runs one statement, which is one transaction. */
  query(statement: Statement, values: readonly Value[]): Promise<readonly Row[]> {
    return this.#connected(async (client) => (await client.query<Row>({ ...statement, values: [...values] })).rows)
  }

  /** Runs scripts without parameters in one transaction; `run` gives the rows of its script's last statement. */
  transaction(work: (run: (script: string) => Promise<readonly Row[]>) => Promise<void>): Promise<void> {
    return this.#connected(async (client) => {
      // A script of several statements has several results, which the types do not say.
      const run = async (script: string): Promise<readonly Row[]> =>
        [await client.query<Row>(script)].flat().at(-1)?.rows ?? []
      await run('BEGIN')
      try {
        await work(run)
        await run('COMMIT')
      } catch (error) {
        await run('ROLLBACK')
        throw error
      }
    })
  }

  /** Lends a connection. One that fails goes back to the pool only if the database said what is wrong, and goes on. */
  async #connected<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    // Within a promise: the pool throws at once for an address that it cannot read.
    const client = await answerOf(Promise.resolve().then(() => this.#pool.connect()))
    try {
      const result = await work(client)
      client.release()
      return result
    } catch (error) {
      client.release(severityOf(error) !== 'ERROR')
      throw translated(error)
    }
  }

  /** Gives back the space of what was deleted. */
  async tidy(): Promise<void> {
    for (const script of this.#housekeeping.tidying) await this.#connected((client) => client.query(script))
  }

  /** Waits for what is under way, then closes all connections. */
  close(): Promise<void> {
    this.#closed ??= this.#pool.end().then(() => this.#housekeeping.close())
    return this.#closed
  }
}

const severityOf = (error: unknown): unknown =>
  error instanceof Error && 'severity' in error ? error.severity : undefined

/** Classes of SQLSTATE that only a wrong statement or a wrong value of ours leads to; 42501 is a missing right. */
const OURS = /^(?:22|23|42(?!501))/

/** What kept a database from answering, as {@link StoreUnavailable}; a mistake of ours as it is. */
function translated(error: unknown): unknown {
  if (error instanceof StoreUnavailable) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (OURS.test(code)) return error
  const said = error instanceof Error && error.message !== '' ? error.message : code
  return new StoreUnavailable(`the store does not answer: ${said}`, { cause: error })
}

/** Awaits what a database, or the place where it lies, is to do; failures become {@link StoreUnavailable}. */
export async function answerOf<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw translated(error)
  }
}
