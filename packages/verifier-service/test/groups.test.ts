import { printExpectations } from '@mica/verifier'
import { afterAll, describe, expect, test } from 'vitest'
import { digestOf } from '../src/document.ts'
import { group } from './support/evidence.ts'
import { asOperator, NOTHING, newStore, serve } from './support/service.ts'

const store = await newStore()
const { trustAnchors, endorsements } = group.options
const service = await serve(store, { fixed: { ...NOTHING, trustAnchors, endorsements: endorsements! } })
afterAll(() => service.close())

const GROUP = 'application/vnd.mica.group-evidence+cbor'
const EXPECTATIONS = 'application/vnd.mica.group-expectations+json'
const text = printExpectations({ workflow: 'video_moderation', expectations: group.expectations })
const digest = digestOf(new TextEncoder().encode(text))
const padded = (nonce: Uint8Array): Uint8Array => Uint8Array.from({ length: 64 }, (_, i) => nonce[i] ?? 0)
const bytes = group.groupBytes(group.membersOf())
const provision = (document: string) =>
  service.submit('/endorsement-provisioning/v1/submit', EXPECTATIONS, document, asOperator)
const documents = '/endorsement-provisioning/v1/documents'

/** A session and its answer for group evidence over its nonce. */
async function judged(type: string) {
  const { path, nonce } = await service.session()
  return service.submit(path, type, group.evidenceOf(bytes, { 10: padded(nonce) }))
}
const payloadOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString())
const named = `${GROUP}; expectations="sha256:${digest}"`

describe('the report of a group', () => {
  test('is refused while the service was told of no group, and its session stays open', async () => {
    const { path, nonce } = await service.session()
    const evidence = group.evidenceOf(bytes, { 10: padded(nonce) })
    for (const type of [GROUP, named]) {
      expect(await service.submit(path, type, evidence)).toMatchObject({ status: 400, json: { status: 400 } })
    }
    expect((await service.call(path)).json.status).toBe('waiting')
  })

  test('is judged by the expectations that it names, which the result names too', async () => {
    expect(await provision(text)).toMatchObject({ status: 200, json: { digest: `sha256:${digest}` } })
    const { status, json } = await judged(named)
    expect(status).toBe(200)
    const { submods } = payloadOf(json.result)
    expect(Object.keys(submods)).toContain('MICA_REALM/gate')
    for (const part of Object.values<Record<string, string>>(submods)) {
      expect(part).toMatchObject({
        'ear.status': 'affirming',
        'ear.appraisal-policy-id': `policy:mica/sha256:${digest}`,
      })
    }
  })

  test('is judged by the only expectations there are, and names them once there are more', async () => {
    expect((await judged(GROUP)).status).toBe(200)
    const other = text.replace('video_moderation', 'other')
    expect((await provision(other)).status).toBe(200)
    expect(await judged(GROUP)).toMatchObject({ status: 400 })
    expect((await judged(named)).status).toBe(200)
    const removed = await service.call(`${documents}/sha256:${digestOf(new TextEncoder().encode(other))}`, {
      method: 'DELETE',
      headers: asOperator,
    })
    expect(removed.status).toBe(204)
    expect((await judged(GROUP)).status).toBe(200)
  })

  test('that breaks an assertion is contraindicated, with the reason in the result', async () => {
    const stricter = JSON.parse(text)
    stricter.assertions.push({ kind: 'quiet', peer: 'gate' })
    const document = JSON.stringify(stricter)
    await provision(document)
    const type = `${GROUP}; expectations="sha256:${digestOf(new TextEncoder().encode(document))}"`
    const { json } = await judged(type)
    expect(JSON.stringify(payloadOf(json.result).submods)).toContain('assertion-digest')
    expect(service.log.findLast(({ msg }) => msg === 'appraised')).toMatchObject({ verdict: 'rejected', form: 'group' })
  })

  test('is no token of a Realm, nor the other way round', async () => {
    const asToken = await judged('application/eat+cwt')
    expect(JSON.stringify(payloadOf(asToken.json.result).submods)).toContain('profile')
  })
})
