import pg from 'pg'
import { Database } from './database.ts'
import { SqlStore, type StoreOptions } from './sql-store.ts'
import type { Store } from './store.ts'
import { valueTypes } from './value-types.ts'

/** How to reach a PostgreSQL, and how long to wait for it. */
export interface PostgresOptions extends StoreOptions {
  /** Connections that this instance keeps at most; 10 unless told. PostgreSQL has 100 for all, by its defaults. */
  readonly connections?: number
  /** Milliseconds to wait for a connection, new or free; 3 s unless told. */
  readonly connectTimeoutMs?: number
  /** Milliseconds that a statement may take; 5 s unless told. */
  readonly statementTimeoutMs?: number
}

/**
 * Opens the store that several instances share. Lost connections are replaced when the database is back; until then
 * every method rejects with `StoreUnavailable`, at the latest after both time-outs.
 *
 * @param url `postgresql://user:password@host:port/database`, with the parameters that PostgreSQL's own clients know.
 */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Store> {
  const { connections = 10, connectTimeoutMs = 3000, statementTimeoutMs = 5000 } = options
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'mica-verifier',
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    // The server gives up first and says so; the other is for a server that says nothing at all.
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 500,
    keepAlive: true,
    types: valueTypes,
  })
  // Its autovacuum tidies, and it goes on without us.
  return await SqlStore.open(new Database(pool, { tidying: [], close: async () => {} }), options)
}
