import { readEar, verifyEar } from '@mica/verifier'
import fc from 'fast-check'
import { importJWK, jwtVerify } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { EVIDENCE_TYPES } from '../src/media-types.ts'
import { readVector, VECTOR_ANCHOR, VECTOR_NONCE, VECTOR_TOKEN } from './support/evidence.ts'
import { NOTHING, newStore, serve } from './support/service.ts'

const store = await newStore()
const service = await serve(store, { fixed: { ...NOTHING, trustAnchors: [VECTOR_ANCHOR] } })
afterAll(() => service.close())

const SESSION = 'application/vnd.veraison.challenge-response-session+json'
const LEGACY = 'application/eat-collection; profile="http://arm.com/CCA-SSD/1.0.0"'
const newSession = (query = '', headers: Record<string, string> = {}) =>
  service.call(`/challenge-response/v1/newSession${query}`, { method: 'POST', headers })
const payloadOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString())
const problem = { type: expect.any(String), title: expect.any(String), detail: expect.any(String) }

/** What it takes to have the published token judged. */
async function judged(type: string, bytes: Uint8Array, headers: Record<string, string> = {}) {
  const { path } = await service.session(VECTOR_NONCE)
  return service.submit(path, type, bytes, headers)
}

describe('discovery', () => {
  test('names the key of results with its algorithm, the types of evidence, and where sessions begin', async () => {
    const { status, headers, json } = await service.call('/.well-known/veraison/verification')
    expect([status, headers.get('content-type')]).toEqual([200, 'application/vnd.veraison.discovery+json'])
    expect(json).toMatchObject({
      'ear-verification-key': { kty: 'EC', crv: 'P-256', alg: 'ES256' },
      'service-state': 'READY',
      'api-endpoints': { newChallengeResponseSession: '/challenge-response/v1/newSession' },
    })
    expect(json['ear-verification-key']).not.toHaveProperty('d')
    expect(json['media-types']).toContain(LEGACY)
    const provisioning = await service.call('/.well-known/veraison/provisioning')
    expect(provisioning.json['api-endpoints']).toEqual({ provisioningSubmit: '/endorsement-provisioning/v1/submit' })
  })
})

describe('a new session', () => {
  test('has a relative location, an expiry, and a nonce that every client decodes to the same bytes', async () => {
    for (let i = 0; i < 20; i++) {
      const { status, headers, json } = await newSession()
      expect(status).toBe(201)
      expect(headers.get('location')).toMatch(/^session\/[0-9a-f-]{36}$/)
      expect(headers.get('content-type')).toBe(SESSION)
      expect(json).toMatchObject({ status: 'waiting', nonce: expect.stringMatching(/^[A-Za-z0-9]{64}$/) })
      const left = new Date(json.expiry).getTime() - Date.now()
      expect(left).toBeGreaterThan(140_000)
      expect(left).toBeLessThanOrEqual(150_000)
      expect(json.accept).toContain(LEGACY)
    }
  })

  test('has a nonce of the size asked for, or the one that the client brings', async () => {
    for (const size of [8, 32, 64]) {
      const { json } = await newSession(`?nonceSize=${size}`)
      expect(Buffer.from(json.nonce, 'base64')).toHaveLength(size)
      expect(json.nonce).not.toMatch(/[+/]/)
    }
    const nonce = Buffer.from(VECTOR_NONCE)
    for (const text of [nonce.toString('base64url'), encodeURIComponent(nonce.toString('base64'))]) {
      expect(Buffer.from((await newSession(`?nonce=${text}`)).json.nonce, 'base64')).toEqual(nonce)
    }
  })

  test('is refused for a nonce that is none, of another size, or asked for twice', async () => {
    for (const query of [
      '?nonceSize=7',
      '?nonceSize=65',
      '?nonceSize=32x',
      '?nonceSize=',
      '?nonce=AAAA',
      `?nonce=${'A'.repeat(88)}`,
      '?nonce=%21%21%21%21%21%21%21%21%21%21%21%21',
      `?nonce=${'A'.repeat(32)}&nonceSize=24`,
      '?nonceSize=32&nonceSize=48',
    ]) {
      const { status, json, headers } = await newSession(query)
      expect([query, status]).toEqual([query, 400])
      expect(headers.get('content-type')).toBe('application/problem+json')
      expect(json).toMatchObject({ ...problem, status: 400 })
    }
  })

  test('is made only for who accepts the answer', async () => {
    for (const accept of [SESSION, 'application/*', 'text/html, */*;q=0.1', `${SESSION}; q=0.5`, '']) {
      expect((await newSession('', { Accept: accept })).status).toBe(201)
    }
    for (const accept of ['text/html', `${SESSION};q=0, */*`, 'application/json']) {
      expect(await newSession('', { Accept: accept })).toMatchObject({ status: 406, json: { ...problem, status: 406 } })
    }
  })
})

describe('evidence', () => {
  test('is answered at once, with a result that is signed by the key of discovery', async () => {
    const { json: discovery } = await service.call('/.well-known/veraison/verification')
    const key = discovery['ear-verification-key']
    const { status, headers, json } = await judged(LEGACY, VECTOR_TOKEN)
    expect([status, headers.get('content-type')]).toEqual([200, SESSION])
    expect(json).toMatchObject({
      status: 'complete',
      evidence: { type: LEGACY, value: Buffer.from(VECTOR_TOKEN).toString('base64') },
    })
    const { payload } = await jwtVerify(json.result, await importJWK(key, key.alg), { algorithms: [key.alg] })
    expect(payload).toMatchObject({
      eat_profile: 'tag:github.com,2023:veraison/ear',
      eat_nonce: `${Buffer.from(VECTOR_NONCE).toString('base64url')}==`,
      submods: { CCA_SSD_PLATFORM: {}, CCA_REALM: {} },
      jti: headers.get('x-request-id'),
    })
    expect(await verifyEar(json.result, key, { nonce: VECTOR_NONCE })).toMatchObject({ kind: 'ear' })
  })

  test.each([
    'application/eat-collection; profile="http://arm.com/CCA-SSD/1.0.0"',
    'application/eat-collection;profile="http://arm.com/CCA-SSD/1.0.0"',
    'application/eat-collection; profile=http://arm.com/CCA-SSD/1.0.0',
    'Application/EAT-Collection ;  Profile="http://arm.com/CCA-SSD/1.0.0"',
    'application/eat-collection; profile="tag:arm.com,2026:cca_platform#2.0.0"',
    'application/eat+cwt',
    'application/eat+cwt; eat_profile="tag:arm.com,2023:realm#1.0.0"',
    'application/cmw',
    'application/cmw+cbor',
    'application/vnd.veraison.cmw',
  ])('of a token is read as %s', async (type) => {
    const { status, json } = await judged(type, VECTOR_TOKEN)
    expect(status).toBe(200)
    expect(Object.keys(payloadOf(json.result).submods)).toEqual(['CCA_SSD_PLATFORM', 'CCA_REALM'])
  })

  test('is read out of what carries it: wrappers in JSON and CBOR, and the object of Trustee', async () => {
    const record = [LEGACY, Buffer.from(VECTOR_TOKEN).toString('base64url')]
    const { length } = VECTOR_TOKEN
    const cbor = Uint8Array.of(0x82, 0x19, 0x01, 0x07, 0x59, length >> 8, length & 0xff, ...VECTOR_TOKEN)
    const bytesOf = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json))
    for (const [type, bytes] of [
      ['application/cmw+json', bytesOf(record)],
      ['application/vnd.veraison.cmw', bytesOf(record)],
      ['application/cmw+cbor', cbor],
      ['application/cmw', cbor],
      ['application/vnd.mica.trustee-cca-evidence+json', bytesOf({ token: [...VECTOR_TOKEN] })],
    ] as const) {
      const { json } = await judged(type, bytes)
      expect([type, Object.keys(payloadOf(json.result).submods)]).toEqual([type, ['CCA_SSD_PLATFORM', 'CCA_REALM']])
    }
  })

  test('that is bad has a result that says so, and is a finding in the log under the id of the answer', async () => {
    const { status, headers, json } = await judged(LEGACY, readVector('neg-01-platform-sig-flip.cbor'))
    expect(status).toBe(200)
    const ear = payloadOf(json.result)
    expect(ear.submods.ARM_CCA['ear.status']).toBe('contraindicated')
    const line = service.log.find(({ id, msg }) => msg === 'appraised' && id === headers.get('x-request-id'))
    expect(line).toMatchObject({ verdict: 'rejected', finding: 'platform-signature' })
    for (const bytes of [Uint8Array.of(0), VECTOR_TOKEN.slice(1), new TextEncoder().encode('["a"]')]) {
      for (const type of [LEGACY, 'application/cmw', 'application/cmw+json']) {
        const { json: other } = await judged(type, bytes)
        expect(payloadOf(other.result).submods.ARM_CCA['ear.status']).toBe('contraindicated')
      }
    }
  })

  test('of any bytes and any type is answered, and never by a mistake', async () => {
    const type = fc.oneof(fc.constantFrom(...EVIDENCE_TYPES), fc.string())
    const changed = fc
      .tuple(fc.nat(VECTOR_TOKEN.length - 1), fc.nat(255))
      .map(([at, byte]) => VECTOR_TOKEN.map((old, i) => (i === at ? byte : old)))
    const json = fc.json().map((text) => new TextEncoder().encode(text))
    const bytes = fc.oneof(changed, json, fc.uint8Array({ minLength: 1, maxLength: 300 }))
    const property = fc.asyncProperty(type, bytes, async (mediaType, body) => {
      const { path } = await service.session(VECTOR_NONCE)
      const headers = new Headers()
      try {
        headers.set('Content-Type', mediaType)
      } catch {
        // A client cannot send it at all.
        return
      }
      const { status, json: answered } = await service.call(path, {
        method: 'POST',
        headers,
        body: Uint8Array.from(body),
      })
      expect([200, 400, 415]).toContain(status)
      expect(answered).toHaveProperty('status')
    })
    await fc.assert(property, { numRuns: 60 })
    expect(service.log.some(({ msg }) => msg === 'mistake')).toBe(false)
  })

  test('for another nonce is not fresh', async () => {
    const { path } = await service.session()
    const { json } = await service.submit(path, LEGACY, VECTOR_TOKEN)
    expect(payloadOf(json.result).submods.ARM_CCA['ear.veraison.policy-claims'].problem).toMatch(/^freshness/)
  })

  test('has a result of the newer form for who asks for it', async () => {
    const { json } = await judged(LEGACY, VECTOR_TOKEN, { Accept: `${SESSION}; ear=draft-04` })
    const payload = payloadOf(json.result)
    expect(payload.eat_profile).toBe('tag:ietf.org,2026:rats/ear#04')
    expect(readEar(payload)).toMatchObject({ kind: 'ear' })
  })

  test('of a type that is not read is refused with a list of those that are, and the session stays open', async () => {
    const { path } = await service.session(VECTOR_NONCE)
    for (const type of ['text/plain', 'application/eat-collection; profile="tag:other"', 'nonsense', '']) {
      const { status, headers, json } = await service.submit(path, type, VECTOR_TOKEN)
      expect([type, status]).toEqual([type, 415])
      expect(headers.get('accept')).toContain('application/eat-collection; profile="http://arm.com/CCA-SSD/1.0.0"')
      expect(json).toMatchObject({ ...problem, status: 415 })
    }
    expect((await service.submit(path, LEGACY, VECTOR_TOKEN)).status).toBe(200)
  })
})

describe('a session', () => {
  test('is for one evidence: the same gets the same answer again, another gets none', async () => {
    const { path } = await service.session(VECTOR_NONCE)
    const first = await service.submit(path, LEGACY, VECTOR_TOKEN)
    expect((await service.submit(path, LEGACY, VECTOR_TOKEN)).text).toBe(first.text)
    expect((await service.call(path)).json).toEqual(first.json)
    const other = await service.submit(path, LEGACY, readVector('neg-01-platform-sig-flip.cbor'))
    expect(other).toMatchObject({ status: 409, json: { ...problem, status: 409 } })
    expect((await service.call(path)).json).toEqual(first.json)
  })

  test('gives one answer to evidence that comes several times at once', async () => {
    const { path } = await service.session(VECTOR_NONCE)
    const answers = await Promise.all(Array.from({ length: 8 }, () => service.submit(path, LEGACY, VECTOR_TOKEN)))
    expect(new Set(answers.map(({ json }) => json.result)).size).toBe(1)
    const mixed = await service.session(VECTOR_NONCE)
    const bad = readVector('neg-01-platform-sig-flip.cbor')
    const both = await Promise.all([VECTOR_TOKEN, bad].map((bytes) => service.submit(mixed.path, LEGACY, bytes)))
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409])
  })

  test('can be looked at and given up', async () => {
    const { path } = await service.session()
    expect((await service.call(path)).json).toMatchObject({ status: 'waiting' })
    expect((await service.call(path, { method: 'DELETE' })).status).toBe(204)
    for (const method of ['GET', 'DELETE']) {
      expect(await service.call(path, { method })).toMatchObject({ status: 404, json: { ...problem, status: 404 } })
    }
    expect((await service.submit(path, LEGACY, VECTOR_TOKEN)).status).toBe(404)
  })

  test('whose time is over takes no evidence', async () => {
    const brief = await serve(store, { limits: { sessionTtlMs: 30 } })
    const { path } = await brief.session(VECTOR_NONCE)
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect((await brief.submit(path, LEGACY, VECTOR_TOKEN)).status).toBe(404)
    expect((await brief.call(path)).status).toBe(404)
    await brief.close()
  })

  test('of one instance is answered by another that shares the store', async () => {
    const other = await serve(store, { fixed: { ...NOTHING, trustAnchors: [VECTOR_ANCHOR] } })
    const { path } = await service.session(VECTOR_NONCE)
    const answered = await other.submit(path, LEGACY, VECTOR_TOKEN)
    expect(answered.json.status).toBe('complete')
    expect((await service.call(path)).json).toEqual(answered.json)
    await other.close()
  })

  test('that there is not is a problem, whatever its name', async () => {
    for (const id of ['x', '00000000-0000-4000-8000-000000000000', '%00', "'; DROP TABLE mica.session"]) {
      const path = `/challenge-response/v1/session/${id}`
      expect((await service.call(path)).status).toBe(404)
      expect((await service.submit(path, LEGACY, VECTOR_TOKEN)).status).toBe(404)
    }
  })
})

describe('every other request', () => {
  test('is a problem with all four members: unknown paths, and methods that a path does not take', async () => {
    expect(await service.call('/nowhere')).toMatchObject({ status: 404, json: { ...problem, status: 404 } })
    const wrong = await service.call('/challenge-response/v1/newSession')
    expect(wrong).toMatchObject({ status: 405, json: { ...problem, status: 405 } })
    expect(wrong.headers.get('allow')).toBe('POST')
    expect(wrong.headers.get('content-type')).toBe('application/problem+json')
    expect(wrong.json.instance).toBe(`urn:uuid:${wrong.headers.get('x-request-id')}`)
  })
})
