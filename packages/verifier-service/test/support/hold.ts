import { setTimeout as sleep } from 'node:timers/promises'
import type { PostgresServer } from './postgres-server.ts'

const LOCK = 4711

/** Statements that wait in the middle of their transaction. */
export interface Held {
  /** Waits until so many connections of the database wait for something. */
  waiting(count: number): Promise<void>
  /** Lets them all go on, and waits until they are done. */
  release(): Promise<void>
}

/**
 * Makes statements on the table of sessions wait before they change it, until they are released.
 *
 * @param event As in CREATE TRIGGER: what is to wait.
 * @param database Its name.
 */
export async function hold(server: PostgresServer, event: string, database = 'postgres'): Promise<Held> {
  const run = (script: string) => server.run(script, database)
  const until = async (query: string): Promise<void> => {
    while ((await run(query)).length === 0) await sleep(5)
  }
  const [timing, condition = ''] = event.split(' WHEN ')
  await run(`
    CREATE OR REPLACE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock_shared(${LOCK}); RETURN NEW; END $$;
    CREATE TRIGGER held BEFORE ${timing} ON mica.session FOR EACH ROW
      ${condition && `WHEN (${condition})`} EXECUTE FUNCTION held()`)
  const locks = 'FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())'
  const holder = run(`SET application_name = 'holder'; SELECT pg_advisory_lock(${LOCK}); SELECT pg_sleep(60)`)
  // It ends by being ended.
  const ended = holder.catch(() => {})
  await until(`SELECT ${locks} AND locktype = 'advisory' AND objid = ${LOCK} AND mode = 'ExclusiveLock' AND granted`)
  return {
    waiting: (count) => until(`SELECT ${locks} AND NOT granted HAVING count(DISTINCT pid) >= ${count}`),
    release: async () => {
      await run(`SELECT pg_terminate_backend(pid) ${locks} AND objid = ${LOCK} AND mode = 'ExclusiveLock' AND granted`)
      await ended
      // Waits for whoever changes the table at this moment.
      await run('DROP TRIGGER held ON mica.session')
    },
  }
}
