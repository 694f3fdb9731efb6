import type { Database } from './database.ts'
import { StoreUnavailable } from './store.ts'

/** Any number that nobody else locks by: instances that start together migrate one after the other. */
const MIGRATION_LOCK = 7_5010_001

/**
 * Brings a database to the schema that this program knows, step by step, in one transaction. Instances of the previous
 * version go on meanwhile: a step may add, and not take away or change meaning. A database that is up to date is only
 * read, so that a role without the right to create anything will do.
 *
 * Rejects when the database is newer than the program.
 */
export async function migrate(database: Database): Promise<void> {
  await database.transaction(async (run) => {
    await run(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`)
    const [there] = await run(`SELECT to_regclass('mica.migration') IS NOT NULL AS yes`)
    if (there?.['yes'] !== true) {
      await run('CREATE SCHEMA IF NOT EXISTS mica; CREATE TABLE mica.migration (version integer PRIMARY KEY)')
    }
    const [row] = await run('SELECT coalesce(max(version), 0) AS version FROM mica.migration')
    const version = Number(row?.['version'])
    if (version > MIGRATIONS.length) {
      throw new StoreUnavailable(
        `the store is of version ${version}, this program knows versions up to ${MIGRATIONS.length}`,
      )
    }
    for (const [index, script] of MIGRATIONS.entries()) {
      if (index + 1 > version) await run(`${script}; INSERT INTO mica.migration VALUES (${index + 1})`)
    }
  })
}

/**
 * Step n brings version n-1 to version n. A step that was released is never changed.
 *
 * How the limit of open sessions holds without a count for each: a new session draws a place from a sequence. What was
 * `open` when the places up to `place` were drawn, and the places drawn since, are together never fewer than the open
 * sessions. Only when that reaches the limit is the table counted, which needs `session_tally` locked against those who
 * are between drawing a place and committing the session: they hold the lock shared. A full house is counted at most
 * once a second.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE mica.session (
    id uuid PRIMARY KEY,
    nonce bytea NOT NULL,
    expires_at bigint NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'processing', 'complete', 'failed')),
    evidence_digest bytea,
    evidence_type text,
    evidence bytea,
    result text,
    CHECK ((state = 'waiting') = (evidence_digest IS NULL)),
    CHECK ((state IN ('complete', 'failed')) = (evidence_type IS NOT NULL AND evidence IS NOT NULL AND result IS NOT NULL))
  );
  -- Evidence is signatures and digests: trying to compress it is in vain.
  ALTER TABLE mica.session ALTER COLUMN evidence SET STORAGE EXTERNAL;
  CREATE INDEX session_expires_at ON mica.session (expires_at);

  CREATE SEQUENCE mica.session_place;
  CREATE TABLE mica.session_tally (open bigint NOT NULL, place bigint NOT NULL, counted_at bigint NOT NULL);
  INSERT INTO mica.session_tally VALUES (0, 0, 0);

  CREATE FUNCTION mica.create_session(
    new_id uuid, new_nonce bytea, new_expires_at bigint, open_limit bigint, at bigint
  ) RETURNS text LANGUAGE plpgsql AS $$
  DECLARE
    tally mica.session_tally;
    drawn bigint;
  BEGIN
    -- Nobody waits for the disk: what a crash forgets is a nonce, which its client asks for again.
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM pg_advisory_xact_lock_shared('mica.session_tally'::regclass::bigint);
    drawn := nextval('mica.session_place');
    SELECT * INTO tally FROM mica.session_tally;
    IF tally.open + drawn - tally.place > open_limit THEN
      RETURN CASE WHEN at - tally.counted_at BETWEEN 0 AND 999 THEN 'full' ELSE 'recount' END;
    END IF;
    INSERT INTO mica.session (id, nonce, expires_at) VALUES (new_id, new_nonce, new_expires_at);
    RETURN 'stored';
  END $$;

  CREATE FUNCTION mica.recount_sessions(at bigint) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_advisory_xact_lock('mica.session_tally'::regclass::bigint);
    -- Whoever waited for the lock meanwhile finds the work done.
    UPDATE mica.session_tally SET
      open = (SELECT count(*) FROM mica.session WHERE expires_at > at),
      place = (SELECT last_value FROM mica.session_place),
      counted_at = at
    WHERE NOT at - counted_at BETWEEN 0 AND 999;
  END $$;

  CREATE TABLE mica.endorsement (
    digest text PRIMARY KEY,
    media_type text NOT NULL,
    bytes bytea NOT NULL,
    submitted_at bigint NOT NULL
  );
  CREATE TABLE mica.endorsement_revision (revision bigint NOT NULL);
  INSERT INTO mica.endorsement_revision VALUES (0);

  CREATE TABLE mica.secret (
    id text PRIMARY KEY,
    terms text NOT NULL,
    sealed bytea NOT NULL
  )
  `,
]
