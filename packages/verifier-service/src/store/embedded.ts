import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { answerOf, Database } from './database.ts'
import { lockFolder } from './folder-lock.ts'
import { PgliteStream } from './pglite-stream.ts'
import { SqlStore, type StoreOptions } from './sql-store.ts'
import type { Store } from './store.ts'
import { valueTypes } from './value-types.ts'

/** Where an embedded store keeps what it knows. */
export interface EmbeddedOptions extends StoreOptions {
  /** Folder of the store, made if it is not there, for one process at a time. In memory unless told. */
  readonly folder?: string
}

/**
 * Opens a PostgreSQL within this process, for a single instance. What was stored in a folder is there after a restart,
 * also after the process was killed; a machine that loses power may lose the last seconds. Takes about two seconds.
 *
 * Rejects with `StoreUnavailable` when another process has the folder.
 */
export async function openEmbedded({ folder, ...options }: EmbeddedOptions = {}): Promise<Store> {
  if (folder === undefined) {
    const pglite = await answerOf(PGlite.create({ postgresqlconf: SETTINGS }))
    return await SqlStore.open(
      poolOf(pglite, async () => {}),
      options,
    )
  }
  await answerOf(mkdir(folder, { recursive: true, mode: 0o700 }))
  const unlock = await lockFolder(folder)
  try {
    const pglite = await answerOf(openFolder(join(folder, 'postgres')))
    return await SqlStore.open(poolOf(pglite, unlock), options)
  } catch (error) {
    await unlock()
    throw error
  }
}

/** What a database of a few megabytes needs; the defaults take half a gigabyte. */
const SETTINGS = ['shared_buffers=16MB', 'max_wal_size=64MB', 'min_wal_size=32MB']

/** A new database gets its name when it is complete: a process that dies on the way leaves nothing half made. */
async function openFolder(dataDir: string): Promise<PGlite> {
  if (!existsSync(dataDir)) {
    const unfinished = `${dataDir}.new`
    await rm(unfinished, { recursive: true, force: true })
    const made = await PGlite.create({ dataDir: unfinished, postgresqlconf: SETTINGS })
    await made.close()
    await rename(unfinished, dataDir)
  }
  return await PGlite.create({ dataDir })
}

function poolOf(pglite: PGlite, closed: () => Promise<void>): Database {
  const pool = new pg.Pool({
    stream: () => new PgliteStream(pglite),
    user: 'postgres',
    database: 'postgres',
    max: 1,
    idleTimeoutMillis: 0,
    types: valueTypes,
  })
  return new Database(pool, {
    // There is no autovacuum and no checkpointer beside a single process: both wait to be asked.
    tidying: ['VACUUM mica.session', 'CHECKPOINT'],
    close: async () => {
      await pglite.close()
      await closed()
    },
  })
}
