import type { MIMEType } from 'node:util'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { acceptedRange } from './accept.ts'
import { PROBLEM_TYPE, parseMediaType } from './media-types.ts'
import { notAcceptable, type Problem, problemResponse } from './problem.ts'

/** What routes find beside the request: its id, under which the log has it. */
export interface Env {
  readonly Bindings: HttpBindings
  readonly Variables: { readonly id: string }
}

export type RequestContext = Context<Env>

/** Header that gives a request's id: the name that the log, a problem and a result have for it. */
export const ID_HEADER = 'X-Request-Id'

/** Characters of a media type that are looked at: a session keeps the type of its evidence. */
const MAX_TYPE_LENGTH = 512

/** The answer that a problem is, to this request. */
export const refuse = (c: RequestContext, problem: Problem): Response => problemResponse(problem, c.get('id'))

/** An answer in JSON, of a type of its own. */
export function answer(
  type: string,
  status: number,
  json: object,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(json), { status, headers: { 'Content-Type': type, ...headers } })
}

/** The answer that was stored as JSON text of a problem. */
export function storedProblem(text: string): Response {
  const { status } = JSON.parse(text)
  return new Response(text, { status, headers: { 'Content-Type': PROBLEM_TYPE } })
}

/** The media type of the request's body; `undefined` for none, and for one that is too long or not spelled as one. */
export function contentType(c: RequestContext): MIMEType | undefined {
  const text = c.req.header('content-type') ?? ''
  return text.length > MAX_TYPE_LENGTH ? undefined : parseMediaType(text)
}

/** The range of the Accept header that `type` is in, with its parameters; or the refusal. */
export const wantedRange = (c: RequestContext, type: string): MIMEType | Problem =>
  acceptedRange(c.req.header('accept'), type) ?? notAcceptable(type)

/** The address of the client at the other end of the connection. */
export const clientOf = (c: RequestContext): string => c.env.incoming.socket.remoteAddress ?? ''
