import { request } from 'node:http'
import { afterAll, describe, expect, test } from 'vitest'
import { type Store, StoreUnavailable } from '../src/store/store.ts'
import { VECTOR_ANCHOR, VECTOR_NONCE, VECTOR_TOKEN } from './support/evidence.ts'
import { NOTHING, newStore, serve, type TestService } from './support/service.ts'

const store = await newStore()
const fixed = { ...NOTHING, trustAnchors: [VECTOR_ANCHOR] }
const service = await serve(store, { fixed })
afterAll(() => service.close())

const CWT = 'application/eat+cwt'
const problem = { type: expect.any(String), title: expect.any(String), detail: expect.any(String) }

async function judge(at: TestService, bytes: Uint8Array) {
  const { path } = await at.session(VECTOR_NONCE)
  return at.submit(path, CWT, bytes)
}

/** The value of one time series. */
async function metric(name: string): Promise<number> {
  const { text } = await service.call('/metrics')
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  return line === undefined ? 0 : Number(line.slice(name.length + 1))
}

describe('metrics', () => {
  test('count appraisals by verdict and deciding finding, and requests by route', async () => {
    const accepted = 'mica_appraisals_total{kind="token",verdict="accepted",finding="none"}'
    const stale = 'mica_appraisals_total{kind="token",verdict="rejected",finding="malformed"}'
    const before = [await metric(accepted), await metric(stale)]
    await judge(service, VECTOR_TOKEN)
    await judge(service, Uint8Array.of(1))
    expect([await metric(accepted), await metric(stale)]).toEqual([before[0]! + 1, before[1]!])
    const envelope = 'mica_appraisals_total{kind="token",verdict="rejected",finding="unknown-envelope"}'
    expect(await metric(envelope)).toBe(1)
    const route = '/challenge-response/v1/session/:id'
    expect(await metric(`mica_http_requests_total{method="POST",route="${route}",status="200"}`)).toBe(2)
    expect(await metric('mica_sessions_open')).toBe(2)
    expect(await metric('mica_appraisal_seconds_count{kind="token"}')).toBe(2)
  })

  test('have no label that a client chose', async () => {
    const before = (await service.call('/metrics')).text.split('\n').length
    for (let i = 0; i < 20; i++) {
      await service.call(`/made-up-${i}`)
      await service.call('/metrics', { method: `MADEUP${i}` })
      await service.session()
    }
    const { text } = await service.call('/metrics')
    expect(text).not.toMatch(/made-?up/i)
    expect(text.split('\n').length - before).toBeLessThan(40)
  })
})

describe('the log', () => {
  test('has a line of JSON for each request, with the id that the answer has', async () => {
    const { headers } = await judge(service, VECTOR_TOKEN)
    const id = headers.get('x-request-id')
    const lines = service.log.filter((line) => line['id'] === id)
    expect(lines.map(({ msg }) => msg)).toEqual(['appraised', 'request'])
    expect(lines[1]).toMatchObject({ method: 'POST', route: '/challenge-response/v1/session/:id', status: 200 })
  })

  test('has neither evidence nor nonces', () => {
    const text = service.logText()
    for (const bytes of [VECTOR_TOKEN, VECTOR_NONCE]) {
      const inBase64 = Buffer.from(bytes).toString('base64url').slice(4, 60)
      for (const spelled of [inBase64, Buffer.from(bytes).toString('hex').slice(0, 60)])
        expect(text).not.toContain(spelled)
    }
  })
})

describe('health', () => {
  test('says that the service lives, and whether its store answers', async () => {
    expect((await service.call('/health/live')).json).toEqual({ status: 'live' })
    expect((await service.call('/health/ready')).json).toEqual({ status: 'ready' })
  })
})

describe('a store that does not answer', () => {
  const broken = brokenStore()

  test('is a problem of its own, tells the client to try again, and is counted', async () => {
    const cut = await serve(broken, { fixed })
    for (const [method, path] of [
      ['POST', '/challenge-response/v1/newSession'],
      ['GET', '/challenge-response/v1/session/x'],
      ['GET', '/health/ready'],
    ] as const) {
      const answered = await cut.call(path, { method })
      expect(answered).toMatchObject({ status: 503, json: { ...problem, status: 503, title: 'Store unavailable' } })
      expect(answered.headers.get('retry-after')).toBe('2')
    }
    const { text } = await cut.call('/metrics')
    expect(text).toContain('mica_store_errors_total 3')
    expect(text).toContain('mica_sessions_open Nan')
    expect((await cut.call('/health/live')).status).toBe(200)
    await cut.close()
  })

  test('is told apart from a mistake of ours, of which the client learns nothing but its id', async () => {
    const mistaken = await serve(brokenStore(new TypeError('the secret inside')))
    const answered = await mistaken.call('/challenge-response/v1/newSession', { method: 'POST' })
    expect(answered).toMatchObject({ status: 500, json: { ...problem, status: 500 } })
    expect(answered.text).not.toContain('inside')
    const line = mistaken.log.find(({ msg }) => msg === 'mistake')
    expect(line?.['id']).toBe(answered.headers.get('x-request-id'))
    await mistaken.close()
  })
})

describe('a service that stops', () => {
  test('finishes what is under way, takes nothing new, and closes its store', async () => {
    const stopping = await serve(store, { fixed })
    const { path } = await stopping.session(VECTOR_NONCE)
    const begun = begin(stopping, path)
    await begun.connected
    const closed = stopping.close()
    // On a connection that there is one more is answered, for it may have been on its way; the answer ends that connection.
    const last = await fetch(`${stopping.url}/health/live`)
    expect([last.status, last.headers.get('connection'), await last.text()]).toEqual([200, 'close', expect.any(String)])
    await expect(fetch(`${stopping.url}/health/live`)).rejects.toThrow()
    begun.finish()
    const { status, connection } = await begun.answered
    expect([status, connection]).toEqual([200, 'close'])
    await closed
    expect(stopping.log.at(-1)).toMatchObject({ msg: 'stopped' })
  })

  test('waits no longer than it was told for a client that does not finish', async () => {
    const stopping = await serve(store, { limits: { stopTimeoutMs: 100 } })
    const { path } = await stopping.session(VECTOR_NONCE)
    const begun = begin(stopping, path)
    begun.answered.catch(() => {})
    await begun.connected
    await stopping.close()
    await expect(begun.answered).rejects.toThrow()
  })
})

/** A request whose body comes when it is told to. */
function begin(at: TestService, path: string) {
  const { hostname, port } = new URL(at.url)
  const headers = { 'Content-Type': CWT, 'Content-Length': VECTOR_TOKEN.length }
  const req = request({ hostname, port, path, method: 'POST', headers })
  const answered = new Promise<{ status: number | undefined; connection: string | undefined }>((resolve, reject) => {
    req.on('error', reject)
    req.on('response', (response) => {
      response
        .resume()
        .on('end', () => resolve({ status: response.statusCode, connection: response.headers.connection }))
    })
  })
  req.write(VECTOR_TOKEN.subarray(0, 10))
  const connected = new Promise<void>((resolve) => setTimeout(resolve, 100))
  return { connected, answered, finish: () => req.end(VECTOR_TOKEN.subarray(10)) }
}

/** A store of which every method fails, until it is closed. */
function brokenStore(error: Error = new StoreUnavailable('connection lost')): Store {
  const fail = () => Promise.reject(error)
  const close = () => Promise.resolve()
  return new Proxy(store, { get: (_, name) => (name === 'close' ? close : name === 'then' ? undefined : fail) })
}
