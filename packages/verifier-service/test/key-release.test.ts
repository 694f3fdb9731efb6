import { keyReleaseChallenge, printExpectations } from '@mica/verifier'
import { afterAll, describe, expect, test } from 'vitest'
import { digestOf } from '../src/document.ts'
import { group } from './support/evidence.ts'
import { type MemberKey, newKey } from './support/key.ts'
import { asOperator, NOTHING, newStore, serve } from './support/service.ts'

const store = await newStore()
const { trustAnchors, endorsements } = group.options
const text = printExpectations({ workflow: 'video_moderation', expectations: group.expectations })
const digest = digestOf(new TextEncoder().encode(text))
const file = { workflow: 'video_moderation', expectations: group.expectations }
const fixed = { ...NOTHING, trustAnchors, endorsements: endorsements!, expectations: new Map([[digest, file]]) }
const service = await serve(store, { fixed })
afterAll(() => service.close())

const SECRET = 'application/vnd.mica.secret+json'
const REQUEST = 'application/vnd.mica.key-release-request+json'
const SECRETS = '/key-release/v1/secrets'
const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64')
const rimOf = (peer: string): string => `sha256:${Buffer.from(group.RIMS[peer]!).toString('hex')}`
const terms = { expectations: `sha256:${digest}`, recipient: { peer: 'gate', rim: rimOf('gate') } }
const PLAINTEXT = 'the key of the clip'
const registration = { ...terms, secret: base64(PLAINTEXT) }
const register = (body: object) => service.submit(SECRETS, SECRET, JSON.stringify(body), asOperator)
const bytes = group.groupBytes(group.membersOf())

/** Position in the group's order of members, by which a report says who asked for it. */
const GATE = 0
const ENCODER = 1

interface Asking {
  readonly requester?: number
  readonly key?: MemberKey
  readonly boundKey?: MemberKey
  readonly change?: object
}

/** Asks for a secret in a session of its own, as the member at `requester`. */
async function ask(secret: string, { requester = GATE, key, boundKey, change = {} }: Asking = {}) {
  const { id, nonce } = await service.session()
  const own = key ?? (await newKey())
  const challenge = keyReleaseChallenge(nonce, (boundKey ?? own).encoded)
  const evidence = group.evidenceOf(bytes, { 10: challenge, [-75011]: requester })
  const body = JSON.stringify({ secret, evidence: base64(evidence), key: base64(own.encoded), ...change })
  const path = `/key-release/v1/session/${id}`
  return { answered: await service.submit(path, REQUEST, body), nonce, key: own, path, body }
}

const { json: registered } = await register(registration)
const secret: string = registered.id

describe('a secret', () => {
  test('is released to the member it is registered for, sealed to the key of its session', async () => {
    const { answered, nonce, key } = await ask(secret)
    expect([answered.status, answered.headers.get('content-type')]).toEqual([
      200,
      'application/vnd.mica.key-release+json',
    ])
    expect(answered.json.status).toBe('released')
    expect(await key.open(answered.json, nonce)).toBe(PLAINTEXT)
    await expect(key.open(answered.json, new Uint8Array(48))).rejects.toThrow()
    const ear = JSON.parse(Buffer.from(answered.json.result.split('.')[1], 'base64url').toString())
    expect(ear.jti).toBe(answered.headers.get('x-request-id'))
  })

  test('is withheld from every other member of the same good group, which gets findings', async () => {
    const { answered } = await ask(secret, { requester: ENCODER })
    expect(answered).toMatchObject({ status: 403, json: { status: 403, findings: [{ name: 'not-the-recipient' }] } })
    expect(answered.text).not.toContain('ciphertext')
  })

  test('is withheld from a key that the report does not bind', async () => {
    const { answered } = await ask(secret, { boundKey: await newKey() })
    expect(answered).toMatchObject({ status: 403, json: { findings: [{ name: 'freshness' }] } })
  })

  test('is withheld from evidence that is none', async () => {
    const { answered } = await ask(secret, { change: { evidence: base64('none') } })
    expect(answered).toMatchObject({ status: 403, json: { findings: [{ name: 'malformed' }] } })
  })

  test('is asked for once in a session: the same request has the same answer, another none', async () => {
    const { answered, path, body } = await ask(secret)
    expect((await service.submit(path, REQUEST, body)).text).toBe(answered.text)
    expect((await service.submit(path, REQUEST, body.replace('{', '{ '))).status).toBe(409)
    const refusal = await ask(secret, { requester: ENCODER })
    const again = await service.submit(refusal.path, REQUEST, refusal.body)
    expect([again.status, again.text]).toEqual([403, refusal.answered.text])
    const session = path.replace('key-release', 'challenge-response')
    expect((await service.call(session)).status).toBe(404)
  })

  test('is not asked for with a nonce too short to bind a key', async () => {
    const { headers } = await service.call('/challenge-response/v1/newSession?nonceSize=8', { method: 'POST' })
    const path = `/key-release/v1/${headers.get('location')}`
    const body = JSON.stringify({ secret, evidence: base64('none'), key: base64('none') })
    expect(await service.submit(path, REQUEST, body)).toMatchObject({ status: 400, json: { title: 'Bad nonce' } })
  })

  test('is not asked for with a nonce that the client chose, for which the evidence may be old', async () => {
    const { nonce, body } = await ask(secret)
    const { id } = await service.session(nonce)
    const again = await service.submit(`/key-release/v1/session/${id}`, REQUEST, body)
    expect(again).toMatchObject({ status: 400, json: { title: 'Bad nonce' } })
    expect(again.text).not.toContain('ciphertext')
  })

  test('that there is not, or a request that is none, leaves the session open', async () => {
    const missing = await ask('00000000-0000-4000-8000-000000000000')
    expect(missing.answered).toMatchObject({ status: 404 })
    for (const change of [{ key: 1 }, { evidence: '*' }, { secret: null }]) {
      expect((await ask(secret, { change })).answered.status).toBe(400)
    }
    expect(
      (await service.submit(missing.path, REQUEST, missing.body.replace(/"secret":"[^"]*"/, `"secret":"${secret}"`)))
        .status,
    ).toBe(200)
  })
})

describe('registration', () => {
  test('says what must hold, and shows it again without the secret', async () => {
    const { status, headers, json } = await register({
      ...registration,
      recipient: { ...terms.recipient, rpv: '07'.repeat(64) },
    })
    expect([status, headers.get('location')]).toEqual([201, `secrets/${json.id}`])
    const shown = await service.call(`${SECRETS}/${json.id}`, { headers: asOperator })
    expect(shown.json).toEqual({ id: json.id, ...terms, recipient: { ...terms.recipient, rpv: '07'.repeat(64) } })
    expect((await ask(json.id)).answered.json.findings).toMatchObject([{ name: 'not-the-recipient' }])
  })

  test('is refused for a recipient that could never ask, and for what is no secret', async () => {
    for (const body of [
      { ...registration, recipient: { peer: 'stranger', rim: rimOf('gate') } },
      { ...registration, recipient: { peer: 'gate', rim: rimOf('encoder') } },
      { ...registration, expectations: `sha256:${'00'.repeat(32)}` },
      { ...registration, expectations: 'video_moderation' },
      { ...registration, recipient: undefined },
      { ...registration, recipient: { peer: 'gate', rim: 'sha256:00' } },
      { ...registration, recipient: { ...terms.recipient, rpv: '00' } },
      { ...registration, secret: '' },
      { ...registration, secret: base64(new Uint8Array(4097)) },
    ]) {
      expect([body, (await register(body)).status]).toEqual([body, 400])
    }
  })

  test('can be taken back', async () => {
    const { json } = await register(registration)
    const path = `${SECRETS}/${json.id}`
    const remove = () => service.call(path, { method: 'DELETE', headers: asOperator })
    expect([(await remove()).status, (await remove()).status]).toEqual([204, 404])
    expect((await service.call(path, { headers: asOperator })).status).toBe(404)
    expect((await ask(json.id)).answered.status).toBe(404)
  })
})

describe('whoever has the database', () => {
  test('finds no secret there, nor can give one to another recipient or name', async () => {
    const record = (await store.secret(secret))!
    for (const part of [record.sealed, new TextEncoder().encode(record.terms)]) {
      expect(Buffer.from(part).includes(PLAINTEXT)).toBe(false)
    }
    const other = '11111111-1111-4111-8111-111111111111'
    await store.addSecret({ ...record, id: other })
    await store.removeSecret(secret)
    await store.addSecret({ ...record, terms: record.terms.replaceAll('gate', 'encoder') })
    for (const id of [secret, other]) {
      const { answered } = await ask(id, { requester: ENCODER })
      expect(answered).toMatchObject({ status: 500, json: { title: 'Unreadable secret' } })
    }
    await store.removeSecret(secret)
    await store.addSecret(record)
    expect((await ask(secret)).answered.status).toBe(200)
  })

  test('finds no secret in the log either', () => {
    expect(service.log.some(({ msg }) => msg === 'released')).toBe(true)
    expect(service.logText()).not.toContain(PLAINTEXT)
    expect(service.logText()).not.toContain(base64(PLAINTEXT))
    expect(service.logText()).not.toContain(asOperator.Authorization.slice('Bearer '.length))
  })
})
