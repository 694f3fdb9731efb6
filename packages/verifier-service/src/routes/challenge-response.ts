import type { MIMEType } from 'node:util'
import { GROUP_SIZE_LIMIT, TOKEN_SIZE_LIMIT } from '@mica/verifier'
import type { Hono } from 'hono'
import { appraise, resultOf, type Yardstick, yardstickFor } from '../appraisal.ts'
import { readBody } from '../body.ts'
import { digestOf } from '../document.ts'
import {
  answer,
  clientOf,
  contentType,
  type Env,
  type RequestContext,
  refuse,
  storedProblem,
  wantedRange,
} from '../http.ts'
import type { Known } from '../knowledge.ts'
import {
  EVIDENCE_TYPES,
  type EvidenceForm,
  evidenceFormOf,
  KEY_RELEASE_REQUEST_TYPE,
  SESSION_TYPE,
} from '../media-types.ts'
import { nonceFor } from '../nonce.ts'
import { isProblem, tooBusy, tooFast, tooManySessions, unknownSession, unsupportedType } from '../problem.ts'
import type { Service } from '../service.ts'
import { type Answer, type Answered, answerOnce, newSessionId, sessionJson } from '../sessions.ts'
import type { Session } from '../store/store.ts'

/** Bytes of evidence that are read, by its form: what verification looks at, and the carriers' part on top. */
const SIZE_LIMITS: Readonly<Record<EvidenceForm, number>> = {
  token: TOKEN_SIZE_LIMIT,
  group: GROUP_SIZE_LIMIT,
  // A byte in decimal, with a comma.
  trustee: 5 * TOKEN_SIZE_LIMIT,
  cmw: 2 * TOKEN_SIZE_LIMIT,
  'cmw-cbor': 2 * TOKEN_SIZE_LIMIT,
  'cmw-json': 2 * TOKEN_SIZE_LIMIT,
}

/** The challenge-response API, version 1, as Veraison's clients speak it. Every answer is given at once. */
export function addChallengeResponse(app: Hono<Env>, service: Service): void {
  app.post('/challenge-response/v1/newSession', (c) => newSession(c, service))
  app.post('/challenge-response/v1/session/:id', (c) => submit(c, service))
  app.get('/challenge-response/v1/session/:id', (c) => show(c, service))
  app.delete('/challenge-response/v1/session/:id', async (c) => {
    const id = c.req.param('id')
    const deleted = await service.store.deleteSession(id)
    return deleted ? new Response(null, { status: 204 }) : refuse(c, unknownSession())
  })
}

async function newSession(c: RequestContext, { store, limits, clients }: Service): Promise<Response> {
  const range = wantedRange(c, SESSION_TYPE)
  if (isProblem(range)) return refuse(c, range)
  const chosen = c.req.queries('nonce')
  const nonce = nonceFor(chosen, c.req.queries('nonceSize'))
  if (isProblem(nonce)) return refuse(c, nonce)
  const now = Date.now()
  if (!clients.admit(clientOf(c), now)) return refuse(c, tooFast())
  const session = { id: newSessionId(chosen !== undefined), nonce, expiresAt: now + limits.sessionTtlMs }
  if (!(await store.createSession(session, limits.openSessions, now))) return refuse(c, tooManySessions())
  const location = `session/${session.id}`
  return answer(SESSION_TYPE, 201, sessionJson({ ...session, state: 'waiting' }), { Location: location })
}

async function submit(c: RequestContext, service: Service): Promise<Response> {
  const type = contentType(c)
  const form = type && evidenceFormOf(type)
  if (type === undefined || form === undefined) return refuse(c, unsupportedType(EVIDENCE_TYPES))
  const range = wantedRange(c, SESSION_TYPE)
  if (isProblem(range)) return refuse(c, range)
  const bytes = await readBody(c.req.raw, SIZE_LIMITS[form], service.bodies)
  if (isProblem(bytes)) return refuse(c, bytes)
  const known = await service.knowledge.current()
  const yardstick = yardstickFor(form, type, known)
  if (isProblem(yardstick)) return refuse(c, yardstick)

  const id = c.req.param('id') ?? ''
  const sent = { type: c.req.header('content-type') ?? '', bytes }
  const judge = (session: Session): Promise<Answer> =>
    judged(service, { form, bytes, yardstick, known, range, session, id: c.get('id') })
  const answered = await service.appraisals.pass(() => answerOnce(service.store, id, sent, c.get('id'), judge))
  if (answered === undefined) return refuse(c, tooBusy())
  return isProblem(answered) ? refuse(c, answered) : given(answered, bytes)
}

/** An answer that was given stands, whoever asks again. */
const given = ({ session, outcome }: Answered, sent: Uint8Array): Response =>
  outcome.state === 'failed'
    ? storedProblem(outcome.result)
    : answer(SESSION_TYPE, 200, sessionJson(session, outcome, sent))

interface Case {
  readonly id: string
  readonly form: EvidenceForm
  readonly bytes: Uint8Array
  readonly yardstick: Yardstick
  readonly known: Known
  /** What the client accepts; `ear=draft-04` asks for the newer form of result. */
  readonly range: MIMEType
  readonly session: Session
}

async function judged(service: Service, { id, form, bytes, yardstick, known, range, session }: Case): Promise<Answer> {
  const { metrics, log, signer } = service
  const { nonce } = session
  const started = performance.now()
  const verdict = appraise(bytes, form, nonce, yardstick, known, service.appraisal)
  const kind = form === 'group' ? 'group' : 'token'
  const finding = verdict.kind === 'rejected' ? verdict.findings[0]?.name : undefined
  metrics.appraisal({ kind, verdict: verdict.kind, finding }, (performance.now() - started) / 1000)
  const { policyId } = yardstick
  const evidence = digestOf(bytes)
  log.info({ id, session: session.id, form, evidence, policy: policyId, verdict: verdict.kind, finding }, 'appraised')
  const ear = range.params.get('ear') === 'draft-04' ? 'draft-04' : 'veraison'
  return { result: await resultOf(verdict, { id, nonce, policyId, form: ear }, signer) }
}

async function show(c: RequestContext, { store }: Service): Promise<Response> {
  const range = wantedRange(c, SESSION_TYPE)
  if (isProblem(range)) return refuse(c, range)
  const id = c.req.param('id') ?? ''
  const session = await store.session(id, Date.now())
  // A session in which a secret was asked for is none of this API's: its answer has another form.
  const isOther = session?.outcome?.evidenceType === KEY_RELEASE_REQUEST_TYPE
  return session === undefined || isOther
    ? refuse(c, unknownSession())
    : answer(SESSION_TYPE, 200, sessionJson(session))
}
