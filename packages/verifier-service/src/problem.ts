import type { Finding } from '@mica/verifier'
import { PROBLEM_TYPE } from './media-types.ts'

/**
 * Why a request was not done (RFC 9457). Every answer but success is one of these, with all four members that clients
 * insist on.
 */
export interface Problem {
  readonly status: number
  /** Last part of `type`: stable, for programs. */
  readonly name: string
  readonly title: string
  readonly detail: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** What was found in the evidence, the deciding finding first. */
  readonly findings?: readonly Finding[] | undefined
}

/** Whether something is a problem, and not what was asked for. */
export const isProblem = (value: object): value is Problem =>
  'status' in value && 'title' in value && 'detail' in value && 'name' in value

/** The JSON text of a problem. `id` is that of the request, under which the log has it. */
export function problemText({ status, name, title, detail, findings }: Problem, id: string): string {
  const type = `tag:mica,2026:problem/${name}`
  return JSON.stringify({ type, title, status, detail, instance: `urn:uuid:${id}`, findings })
}

/** The answer that a problem is. */
export function problemResponse(problem: Problem, id: string): Response {
  const headers = { 'Content-Type': PROBLEM_TYPE, ...problem.headers }
  return new Response(problemText(problem, id), { status: problem.status, headers })
}

const seconds = (count: number): Readonly<Record<string, string>> => ({ 'Retry-After': String(count) })
/** What is left of the request is not read, so the connection cannot serve another. */
const CLOSE = { Connection: 'close' }

const problem = (
  status: number,
  name: string,
  title: string,
  detail: string,
  headers?: Readonly<Record<string, string>>,
): Problem => ({ status, name, title, detail, headers })

export const badRequest = (detail: string): Problem => problem(400, 'bad-request', 'Bad request', detail)

export const badNonce = (detail: string): Problem => problem(400, 'nonce', 'Bad nonce', detail)

export const badDocument = (detail: string): Problem => problem(400, 'document', 'Not a valid document', detail)

export const badEvidence = (detail: string): Problem => problem(400, 'evidence', 'Evidence cannot be read', detail)

export const unknownExpectations = (detail: string): Problem =>
  problem(400, 'expectations', 'No such group expectations', detail)

export const unauthorized = (): Problem =>
  problem(401, 'unauthorized', 'Unauthorized', 'this needs the operator token: `Authorization: Bearer TOKEN`', {
    'WWW-Authenticate': 'Bearer realm="mica"',
  })

export const closed = (): Problem =>
  problem(403, 'closed', 'Closed', 'the service was started without an operator token, so nothing can be changed')

/** The one answer to whoever is not the recipient of a secret, with what was found. */
export const withheld = (findings: readonly Finding[]): Problem => ({
  ...problem(403, 'withheld', 'Withheld', 'the evidence does not show the recipient of this secret'),
  findings,
})

export const unknownPath = (): Problem => problem(404, 'not-found', 'Not found', 'there is nothing at this path')

export const unknownSession = (): Problem =>
  problem(404, 'session', 'No such session', 'there is no such session, or its time is over')

export const unknownDocument = (): Problem => problem(404, 'document-unknown', 'No such document', 'no such document')

export const unknownSecret = (): Problem => problem(404, 'secret', 'No such secret', 'there is no such secret')

export const wrongMethod = (allowed: readonly string[]): Problem =>
  problem(405, 'method', 'Method not allowed', `this path takes ${allowed.join(', ')}`, { Allow: allowed.join(', ') })

export const notAcceptable = (offered: string): Problem =>
  problem(406, 'not-acceptable', 'Not acceptable', `the answer would be of type ${offered}`, { Accept: offered })

export const requestTimeout = (): Problem =>
  problem(408, 'timeout', 'Request timeout', 'the request did not come in time', CLOSE)

export const sessionTaken = (): Problem =>
  problem(409, 'session-used', 'Session used', 'the session was given other evidence; each is for one')

export const tooLarge = (limit: number): Problem =>
  problem(413, 'too-large', 'Too large', `at most ${limit} bytes are read`, CLOSE)

export const unsupportedType = (accepted: readonly string[]): Problem =>
  problem(415, 'media-type', 'Unsupported media type', 'the header Accept of this answer lists what is read here', {
    Accept: accepted.join(', '),
    ...CLOSE,
  })

export const unknownCoding = (): Problem =>
  problem(415, 'content-coding', 'Unsupported content coding', 'bodies are read as they are, without a coding', {
    'Accept-Encoding': 'identity',
    ...CLOSE,
  })

export const unmetExpectation = (): Problem =>
  problem(417, 'expectation', 'Expectation failed', 'the header Expect asks for what the service does not do')

export const tooFast = (): Problem =>
  problem(
    429,
    'too-fast',
    'Too many requests',
    'this client opens sessions faster than the service lets it',
    seconds(1),
  )

export const headersTooLarge = (): Problem =>
  problem(431, 'headers', 'Headers too large', 'the header fields are larger than the service reads', CLOSE)

/** A mistake of ours. The log has it under the request's id. */
export const internal = (): Problem =>
  problem(500, 'internal', 'Internal error', 'the service made a mistake; its log has it under this instance')

export const unreadableSecret = (): Problem =>
  problem(500, 'secret-unreadable', 'Unreadable secret', 'the secret was stored under another key, or changed since')

export const tooManySessions = (): Problem =>
  problem(503, 'sessions', 'Too many sessions', 'as many sessions are open as the service keeps', seconds(5))

export const tooBusy = (): Problem =>
  problem(503, 'busy', 'Busy', 'as many appraisals are under way as the service does at once', seconds(1))

export const noRoom = (): Problem =>
  problem(503, 'room', 'Busy', 'as many large bodies are on their way as the service has room for', {
    ...seconds(1),
    ...CLOSE,
  })

export const storeDown = (): Problem =>
  problem(
    503,
    'store',
    'Store unavailable',
    'the store does not answer; the same request may be sent again',
    seconds(2),
  )
