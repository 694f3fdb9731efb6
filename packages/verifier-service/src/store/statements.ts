import type { Statement } from './database.ts'

/** Every statement that the store runs. Each reads and writes in one transaction of its own. */

const SESSION = 'id, nonce, expires_at, state, evidence_digest, evidence_type, evidence, result'

export const createSession: Statement = {
  name: 'mica-create-session',
  text: 'SELECT mica.create_session($1, $2, $3, $4, $5) AS made',
}

export const recountSessions: Statement = {
  name: 'mica-recount-sessions',
  text: 'SELECT mica.recount_sessions($1)',
}

export const session: Statement = {
  name: 'mica-session',
  text: `SELECT ${SESSION} FROM mica.session WHERE id = $1 AND expires_at > $2`,
}

/**
 * Of two claims at once, the second waits for the first, looks again, and finds the session taken. Nobody waits for the
 * disk: a database that crashes at once may forget the claim, but then it has no answer either, and who claimed first
 * cannot store one any more once somebody else has claimed.
 */
export const claimSession: Statement = {
  name: 'mica-claim-session',
  text: `
    UPDATE mica.session SET state = 'processing', evidence_digest = $2
    WHERE id = $1 AND evidence_digest IS NULL AND expires_at > $3
      AND set_config('synchronous_commit', 'off', true) = 'off'
    RETURNING nonce, expires_at`,
}

export const finishSession: Statement = {
  name: 'mica-finish-session',
  text: `
    UPDATE mica.session SET state = $3, evidence_type = $4, evidence = $5, result = $6
    WHERE id = $1 AND evidence_digest = $2 AND state = 'processing'
    RETURNING id`,
}

export const outcome: Statement = {
  name: 'mica-outcome',
  text: `
    SELECT state, evidence_type, evidence, result FROM mica.session
    WHERE id = $1 AND evidence_digest = $2 AND result IS NOT NULL`,
}

export const deleteSession: Statement = {
  name: 'mica-delete-session',
  text: 'DELETE FROM mica.session WHERE id = $1 RETURNING id',
}

/** In portions, so that no transaction is long; what another instance is sweeping is left to it. */
export const sweepSessions: Statement = {
  name: 'mica-sweep-sessions',
  text: `
    WITH gone AS (
      DELETE FROM mica.session WHERE id IN (
        SELECT id FROM mica.session WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
      ) RETURNING 1
    ) SELECT count(*) AS count FROM gone`,
}

export const countSessions: Statement = {
  name: 'mica-count-sessions',
  text: 'SELECT count(*) AS count FROM mica.session WHERE expires_at > $1',
}

/** The revision is locked from its change to the commit: who sees a revision sees everything up to it. */
export const addEndorsement: Statement = {
  name: 'mica-add-endorsement',
  text: `
    WITH added AS (
      INSERT INTO mica.endorsement (digest, media_type, bytes, submitted_at) VALUES ($1, $2, $3, $4)
      ON CONFLICT DO NOTHING RETURNING 1
    ) UPDATE mica.endorsement_revision SET revision = revision + 1 WHERE EXISTS (SELECT FROM added) RETURNING revision`,
}

export const removeEndorsement: Statement = {
  name: 'mica-remove-endorsement',
  text: `
    WITH removed AS (DELETE FROM mica.endorsement WHERE digest = $1 RETURNING 1)
    UPDATE mica.endorsement_revision SET revision = revision + 1 WHERE EXISTS (SELECT FROM removed) RETURNING revision`,
}

/** One statement, so that the revision is that of the records; without records one row, whose digest is null. */
export const endorsementsSince: Statement = {
  name: 'mica-endorsements-since',
  text: `
    SELECT revision, digest, media_type, bytes, submitted_at
    FROM mica.endorsement_revision LEFT JOIN mica.endorsement ON true
    WHERE revision <> $1 ORDER BY submitted_at, digest`,
}

export const addSecret: Statement = {
  name: 'mica-add-secret',
  text: 'INSERT INTO mica.secret (id, terms, sealed) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id',
}

export const secret: Statement = {
  name: 'mica-secret',
  text: 'SELECT id, terms, sealed FROM mica.secret WHERE id = $1',
}

export const removeSecret: Statement = {
  name: 'mica-remove-secret',
  text: 'DELETE FROM mica.secret WHERE id = $1 RETURNING id',
}

export const ping: Statement = { name: 'mica-ping', text: 'SELECT 1' }
