import { decodeUtf8 } from '@mica/policy/cbor'
import type { Hono } from 'hono'
import { readBody } from '../body.ts'
import { answer, contentType, type Env, type RequestContext, refuse, storedProblem, wantedRange } from '../http.ts'
import { parseJson } from '../json.ts'
import { type Asked, answerOf, RELEASE_REQUEST_LIMIT, readReleaseRequest, release } from '../key-release.ts'
import { KEY_RELEASE_REQUEST_TYPE, KEY_RELEASE_TYPE } from '../media-types.ts'
import {
  badNonce,
  badRequest,
  isProblem,
  tooBusy,
  unknownSecret,
  unreadableSecret,
  unsupportedType,
} from '../problem.ts'
import { readTerms } from '../secret-terms.ts'
import type { Service } from '../service.ts'
import { type Answer, answerOnce, nonceIsChosen } from '../sessions.ts'

/** Secrets for members that show they are the recipient, in a session of the challenge-response API, once. */
export function addKeyRelease(app: Hono<Env>, service: Service): void {
  app.post('/key-release/v1/session/:id', (c) => ask(c, service))
}

async function ask(c: RequestContext, service: Service): Promise<Response> {
  const { store, storeKey, knowledge, appraisals } = service
  if (contentType(c)?.essence !== KEY_RELEASE_REQUEST_TYPE)
    return refuse(c, unsupportedType([KEY_RELEASE_REQUEST_TYPE]))
  const range = wantedRange(c, KEY_RELEASE_TYPE)
  if (isProblem(range)) return refuse(c, range)
  const id = c.req.param('id') ?? ''
  // Old evidence, with the nonce that it was made for, would have today's secret sealed to a key of those days.
  if (nonceIsChosen(id))
    return refuse(c, badNonce('a secret is asked for with a nonce of the service, not of the client'))
  const bytes = await readBody(c.req.raw, RELEASE_REQUEST_LIMIT, service.bodies)
  if (isProblem(bytes)) return refuse(c, bytes)
  const reading = readReleaseRequest(parseJson(decodeUtf8(bytes) ?? ''))
  if (reading.kind === 'refused') return refuse(c, badRequest(reading.reason))
  const request = reading.value
  const record = await store.secret(request.secret)
  if (record === undefined) return refuse(c, unknownSecret())
  const [secret, terms] = [storeKey.open(record), readTerms(record.terms)]
  if (secret === undefined || terms === undefined) return refuse(c, unreadableSecret())

  const known = await knowledge.current()
  const sent = { type: KEY_RELEASE_REQUEST_TYPE, bytes }
  const judge = async ({ nonce }: { readonly nonce: Uint8Array }): Promise<Answer> => {
    const asked: Asked = { request, terms, secret, nonce }
    const started = performance.now()
    const outcome = await release(asked, known, service.appraisal)
    if (isProblem(outcome)) return outcome
    note(c, service, asked, outcome, started)
    return answerOf(outcome, { id: c.get('id'), nonce, terms }, service.signer)
  }
  const answered = await appraisals.pass(() => answerOnce(store, id, sent, c.get('id'), judge))
  if (answered === undefined) return refuse(c, tooBusy())
  if (isProblem(answered)) return refuse(c, answered)
  const { outcome } = answered
  if (outcome.state === 'failed') return storedProblem(outcome.result)
  return answer(KEY_RELEASE_TYPE, 200, JSON.parse(outcome.result))
}

function note(
  c: RequestContext,
  { metrics, log }: Service,
  { request, terms }: Asked,
  outcome: Exclude<Awaited<ReturnType<typeof release>>, { readonly status: number }>,
  started: number,
): void {
  const finding = outcome.kind === 'withheld' ? outcome.findings[0]?.name : undefined
  const verdict = outcome.kind === 'released' ? 'accepted' : 'rejected'
  metrics.appraisal({ kind: 'key-release', verdict, finding }, (performance.now() - started) / 1000)
  const { recipient, expectations } = terms
  log.info({ id: c.get('id'), secret: request.secret, peer: recipient.peer, expectations, finding }, outcome.kind)
}
