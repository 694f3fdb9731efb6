import { createHash, randomUUID } from 'node:crypto'
import { toBase64 } from './base64.ts'
import { EVIDENCE_TYPES } from './media-types.ts'
import { type Problem, problemText, sessionTaken, unknownSession } from './problem.ts'
import type { Session, SessionOutcome, Store } from './store/store.ts'

/** Where the version of a UUID stands in its text, and the one that RFC 9562 leaves to applications. */
const VERSION_AT = 14
const CHOSEN = '8'

/**
 * The id of a new session: 122 bits of chance, and, by the version of the UUID, whether its nonce is a fresh one of the
 * service's or what its client chose, to whom it may say that evidence is fresh, but not to the service.
 */
export function newSessionId(nonceIsChosen: boolean): string {
  const id = randomUUID()
  return nonceIsChosen ? `${id.slice(0, VERSION_AT)}${CHOSEN}${id.slice(VERSION_AT + 1)}` : id
}

/** Whether the client chose the nonce of the session with this id. */
export const nonceIsChosen = (id: string): boolean => id[VERSION_AT] === CHOSEN

/** Evidence as it was sent, with the type that its sender gave it. */
export interface Sent {
  readonly type: string
  readonly bytes: Uint8Array
}

/**
 * Evidence that a session keeps, to show it again, in bytes. Larger evidence would let strangers fill the store; whoever
 * sent it has it anyway.
 */
const KEPT_EVIDENCE_LIMIT = 16_384

/** A session, and the answer that stands in it. */
export interface Answered {
  readonly session: Session
  readonly outcome: SessionOutcome
}

/** What a session comes to: a result, or why the evidence could not be appraised. */
export type Answer = { readonly result: string } | Problem

/**
 * Gives a session to evidence, has it appraised, and stores the answer before anyone reads it. Only the first evidence
 * gets one; sent again, to whichever instance, it gets the same answer again, byte for byte.
 *
 * @param requestId The request, which a problem names.
 * @returns In order: `session` when there is none, or its time is over; `session-used`; the outcome that stands.
 */
export async function answerOnce(
  store: Store,
  id: string,
  sent: Sent,
  requestId: string,
  appraise: (session: Session) => Promise<Answer>,
): Promise<Answered | Problem> {
  const digest = digestOfSent(sent)
  const claimed = await store.claimSession(id, digest, Date.now())
  if (claimed.kind === 'absent') return unknownSession()
  if (claimed.kind === 'taken') return sessionTaken()
  const { session } = claimed
  if (claimed.kind === 'answered') return { session, outcome: claimed.outcome }
  const answer = await appraise(session)
  const outcome: SessionOutcome = {
    ...('result' in answer
      ? { state: 'complete', result: answer.result }
      : { state: 'failed', result: problemText(answer, requestId) }),
    evidenceType: sent.type,
    evidence: sent.bytes.length <= KEPT_EVIDENCE_LIMIT ? sent.bytes : new Uint8Array(),
  }
  const stands = await store.finishSession(id, digest, outcome)
  return stands === undefined ? unknownSession() : { session, outcome: stands }
}

function digestOfSent({ type, bytes }: Sent): Uint8Array {
  return new Uint8Array(createHash('sha256').update(type).update('\0').update(bytes).digest())
}

/**
 * A session in the words of the challenge-response API.
 * @param evidence What was sent, where it is at hand; otherwise what was kept of it, which may be nothing.
 */
export function sessionJson(
  session: Session,
  outcome: SessionOutcome | undefined = session.outcome,
  evidence: Uint8Array | undefined = outcome?.evidence,
): Readonly<Record<string, unknown>> {
  return {
    nonce: toBase64(session.nonce),
    expiry: new Date(session.expiresAt).toISOString(),
    accept: EVIDENCE_TYPES,
    status: outcome?.state ?? session.state,
    ...(outcome === undefined ? {} : { ...evidenceJson(outcome.evidenceType, evidence), ...resultJson(outcome) }),
  }
}

const evidenceJson = (type: string, evidence: Uint8Array | undefined): Readonly<Record<string, unknown>> =>
  evidence === undefined || evidence.length === 0 ? {} : { evidence: { type, value: toBase64(evidence) } }

const resultJson = ({ state, result }: SessionOutcome): Readonly<Record<string, unknown>> =>
  state === 'complete' ? { result } : { problem: JSON.parse(result) }
