import type { Hono } from 'hono'
import { readBody } from '../body.ts'
import { DOCUMENT_LIMIT, digestOf, readDocument } from '../document.ts'
import { answer, contentType, type Env, type RequestContext, refuse } from '../http.ts'
import { DOCUMENT_TYPES, isDocumentType, PROVISIONING_TYPE } from '../media-types.ts'
import { badDocument, isProblem, unknownDocument, unsupportedType } from '../problem.ts'
import type { Service } from '../service.ts'
import type { EndorsementRecord } from '../store/store.ts'

/** What operators tell the service: submitted, listed, and taken back by digest. Each needs the operator token. */
export function addProvisioning(app: Hono<Env>, service: Service): void {
  app.post('/endorsement-provisioning/v1/submit', (c) => submit(c, service))
  app.get('/endorsement-provisioning/v1/documents', async (c) => {
    const refusal = service.operator.refusal(c.req.header('authorization'))
    if (refusal !== undefined) return refuse(c, refusal)
    const snapshot = await service.store.endorsementsSince(undefined)
    return answer('application/json', 200, { documents: (snapshot?.records ?? []).map(listed) })
  })
  app.delete('/endorsement-provisioning/v1/documents/:digest', (c) => remove(c, service))
}

const listed = ({ digest, mediaType, submittedAt }: EndorsementRecord): object => ({
  digest: `sha256:${digest}`,
  type: mediaType,
  submitted: new Date(submittedAt).toISOString(),
})

async function submit(c: RequestContext, service: Service): Promise<Response> {
  const { operator, store, storeKey, knowledge, signers, log, limits } = service
  const refusal = operator.refusal(c.req.header('authorization'))
  if (refusal !== undefined) return refuse(c, refusal)
  const type = contentType(c)
  if (type === undefined || !isDocumentType(type)) return refuse(c, unsupportedType(DOCUMENT_TYPES))
  const bytes = await readBody(c.req.raw, DOCUMENT_LIMIT, service.bodies)
  if (isProblem(bytes)) return refuse(c, bytes)
  const mediaType = type.essence
  const reading = readDocument(mediaType, bytes, signers)
  if (reading.kind === 'refused') return refuse(c, badDocument(reading.reason))

  const digest = digestOf(bytes)
  const record = { digest, mediaType, bytes: storeKey.vouch(mediaType, bytes), submittedAt: Date.now() }
  const isNew = await store.addEndorsement(record)
  knowledge.forget()
  log.info({ id: c.get('id'), document: digest, type: mediaType, new: isNew }, 'provisioned')
  const { value } = reading
  return answer(PROVISIONING_TYPE, 200, {
    status: 'success',
    expiry: new Date(Date.now() + limits.sessionTtlMs).toISOString(),
    digest: `sha256:${digest}`,
    notes: value.kind === 'endorsements' ? value.file.notes : [],
  })
}

async function remove(c: RequestContext, { operator, store, knowledge, log }: Service): Promise<Response> {
  const refusal = operator.refusal(c.req.header('authorization'))
  if (refusal !== undefined) return refuse(c, refusal)
  const digest = /^(?:sha256:)?([0-9a-f]{64})$/.exec(c.req.param('digest') ?? '')?.[1]
  if (digest === undefined || !(await store.removeEndorsement(digest))) return refuse(c, unknownDocument())
  knowledge.forget()
  log.info({ id: c.get('id'), document: digest }, 'removed')
  return new Response(null, { status: 204 })
}
