import { randomUUID } from 'node:crypto'
import { decodeUtf8 } from '@mica/policy/cbor'
import type { Hono } from 'hono'
import { expectationsNamed } from '../appraisal.ts'
import { readBody } from '../body.ts'
import { answer, contentType, type Env, type RequestContext, refuse } from '../http.ts'
import { parseJson } from '../json.ts'
import { SECRET_TYPE } from '../media-types.ts'
import {
  badDocument,
  isProblem,
  type Problem,
  unknownExpectations,
  unknownSecret,
  unsupportedType,
} from '../problem.ts'
import { admits, readRegistration, readTerms, SECRET_LIMIT, termsText } from '../secret-terms.ts'
import type { Service } from '../service.ts'

/** The secrets that operators register, each for one member of one group. Each route needs the operator token. */
export function addSecrets(app: Hono<Env>, service: Service): void {
  const guarded =
    (handler: (c: RequestContext) => Promise<Response>) =>
    (c: RequestContext): Response | Promise<Response> => {
      const refusal = service.operator.refusal(c.req.header('authorization'))
      return refusal === undefined ? handler(c) : refuse(c, refusal)
    }
  app.post(
    '/key-release/v1/secrets',
    guarded((c) => register(c, service)),
  )
  app.get(
    '/key-release/v1/secrets/:id',
    guarded(async (c) => {
      const id = c.req.param('id') ?? ''
      const record = await service.store.secret(id)
      const terms = record && readTerms(record.terms)
      return terms === undefined ? refuse(c, unknownSecret()) : answer(SECRET_TYPE, 200, { id, ...terms })
    }),
  )
  app.delete(
    '/key-release/v1/secrets/:id',
    guarded(async (c) => {
      const id = c.req.param('id') ?? ''
      if (!(await service.store.removeSecret(id))) return refuse(c, unknownSecret())
      service.log.info({ id: c.get('id'), secret: id }, 'secret removed')
      return new Response(null, { status: 204 })
    }),
  )
}

/** Bytes of a registration: the secret in base64, and some hundred for the terms. */
const REGISTRATION_LIMIT = 2 * SECRET_LIMIT + 4096

async function register(c: RequestContext, service: Service): Promise<Response> {
  const { store, storeKey, log } = service
  if (contentType(c)?.essence !== SECRET_TYPE) return refuse(c, unsupportedType([SECRET_TYPE]))
  const bytes = await readBody(c.req.raw, REGISTRATION_LIMIT, service.bodies)
  if (isProblem(bytes)) return refuse(c, bytes)
  const registration = readRegistration(parseJson(decodeUtf8(bytes) ?? ''))
  if (registration.kind === 'refused') return refuse(c, badDocument(registration.reason))
  const { terms, secret } = registration.value
  const problem = await checkTerms(terms, service)
  if (problem !== undefined) return refuse(c, problem)

  const id = randomUUID()
  const text = termsText(terms)
  await store.addSecret({ id, terms: text, sealed: storeKey.seal(id, text, secret) })
  log.info(
    { id: c.get('id'), secret: id, expectations: terms.expectations, peer: terms.recipient.peer },
    'secret registered',
  )
  return answer(SECRET_TYPE, 201, { id, ...terms }, { Location: `secrets/${id}` })
}

/** A secret that nobody could ever get is a mistake of whoever registers it. */
async function checkTerms(
  terms: ReturnType<typeof readTerms> & object,
  { knowledge }: Service,
): Promise<Problem | undefined> {
  const file = expectationsNamed(terms.expectations, await knowledge.current())
  if (file === undefined) return unknownExpectations('the service was told of no group by that digest')
  return admits(file.expectations, terms.recipient)
    ? undefined
    : badDocument('the expectations admit no such recipient')
}
