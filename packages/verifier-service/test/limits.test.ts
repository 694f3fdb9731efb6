import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { GROUP_SIZE_LIMIT, TOKEN_SIZE_LIMIT } from '@mica/verifier'
import { afterAll, describe, expect, test } from 'vitest'
import type { Store } from '../src/store/store.ts'
import { VECTOR_NONCE, VECTOR_TOKEN } from './support/evidence.ts'
import { newStore, serve, type TestService } from './support/service.ts'

const store = await newStore()
const service = await serve(store)
const hasty = await serve(store, { limits: { requestTimeoutMs: 700, headersTimeoutMs: 400 } })
afterAll(() => Promise.all([service.close(), hasty.close()]))

const CWT = 'application/eat+cwt'
const GROUP = 'application/vnd.mica.group-evidence+cbor'

/** Sends `parts` one after the other, `pauseMs` apart, and resolves with all that came back when the connection ends. */
async function send(at: TestService, parts: Iterable<string | Uint8Array>, pauseMs = 0): Promise<string> {
  const { hostname, port } = new URL(at.url)
  const socket: Socket = connect(Number(port), hostname)
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
  })
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  for (const part of parts) {
    if (socket.destroyed) break
    socket.write(part)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  await closed
  return received
}

/** The problem in an answer as it came over the wire. */
function problemIn(received: string): { readonly status: number } {
  const [head = '', body = ''] = received.split('\r\n\r\n')
  expect(head).toContain('application/problem+json')
  const problem = JSON.parse(body)
  expect(problem).toMatchObject({ type: expect.any(String), title: expect.any(String), detail: expect.any(String) })
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${problem.status} `))
  return problem
}

const repeated = function* (text: string): Generator<string> {
  for (;;) yield text
}
const head = (path: string, ...more: string[]): string =>
  [`POST ${path} HTTP/1.1`, 'Host: x', `Content-Type: ${CWT}`, ...more, '', ''].join('\r\n')

describe('a slow client', () => {
  test('that sends its headers by the byte is cut off with a problem', async () => {
    const slow = function* () {
      yield 'POST /challenge-response/v1/newSession HTTP/1.1\r\nHost: x\r\n'
      yield* repeated('X-Slow: 1\r\n')
    }
    expect(problemIn(await send(hasty, slow(), 50)).status).toBe(408)
  })

  test('that sends its body by the byte is cut off, and its session is still there', async () => {
    const { path } = await service.session(VECTOR_NONCE)
    const slow = function* () {
      yield head(path, `Content-Length: ${VECTOR_TOKEN.length}`)
      yield* repeated('x')
    }
    expect(problemIn(await send(hasty, slow(), 50)).status).toBe(408)
    expect((await service.call(path)).json.status).toBe('waiting')
    expect(hasty.log.some(({ msg }) => msg === 'mistake')).toBe(false)
  })
})

describe('a body', () => {
  test('larger than evidence of its type is refused before it is read, and the session is still there', async () => {
    const { path } = await service.session()
    for (const [type, size] of [
      [CWT, TOKEN_SIZE_LIMIT + 1],
      ['application/cmw+json', 2 * TOKEN_SIZE_LIMIT + 1],
      [GROUP, GROUP_SIZE_LIMIT + 1],
    ] as const) {
      const announced = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${size}\r\n\r\n`
      expect([type, problemIn(await send(service, [announced])).status]).toEqual([type, 413])
    }
    expect((await service.call(path)).json.status).toBe('waiting')
  })

  test('that does not say how large it is, is read no further than evidence of its type may be', async () => {
    const { path } = await service.session()
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
    const endless = function* () {
      yield head(path, 'Transfer-Encoding: chunked')
      yield* repeated(chunk)
    }
    expect(problemIn(await send(service, endless())).status).toBe(413)
    expect((await service.call(path)).json.status).toBe('waiting')
  })

  test('of more than 16 KiB is answered and not kept', async () => {
    const { path } = await service.session()
    const large = new Uint8Array(16_385)
    const first = await service.submit(path, CWT, large)
    expect(Buffer.from(first.json.evidence.value, 'base64')).toHaveLength(large.length)
    expect((await service.submit(path, CWT, large)).text).toBe(first.text)
    const { evidence: _, ...rest } = first.json
    expect((await service.call(path)).json).toEqual(rest)
  })

  test('in chunks is evidence like any other', async () => {
    const { path } = await service.session(VECTOR_NONCE)
    const chunks = [VECTOR_TOKEN.subarray(0, 100), VECTOR_TOKEN.subarray(100)].flatMap((part) => [
      `${part.length.toString(16)}\r\n`,
      part,
      '\r\n',
    ])
    const request = head(path, 'Transfer-Encoding: chunked', 'Connection: close')
    const received = await send(service, [request, ...chunks, '0\r\n\r\n'])
    expect(received).toMatch(/^HTTP\/1.1 200 /)
    expect((await service.call(path)).json.evidence.value).toBe(Buffer.from(VECTOR_TOKEN).toString('base64'))
  })

  test('finds no room while others hold it, and room again when they are gone', async () => {
    const narrow = await serve(store, { limits: { bodyBytes: 300_000 } })
    const { path } = await narrow.session()
    const large = new Uint8Array(200_000)
    const { hostname, port } = new URL(narrow.url)
    const holder = connect(Number(port), hostname)
    const type = 'application/cmw'
    holder.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${GROUP}\r\nContent-Length: 250000\r\n\r\n`)
    holder.write(large)
    const medium = new Uint8Array(2 * TOKEN_SIZE_LIMIT)
    await expect.poll(async () => (await narrow.submit(path, type, medium)).status).toBe(503)
    expect((await narrow.submit(path, type, medium)).json).toMatchObject({ status: 503, title: 'Busy' })
    // Small evidence always has room.
    const own = await narrow.session(VECTOR_NONCE)
    expect((await narrow.submit(own.path, CWT, VECTOR_TOKEN)).status).toBe(200)
    holder.destroy()
    await expect.poll(async () => (await narrow.submit(path, type, medium)).status).toBe(200)
    await narrow.close()
  })

  test('in a coding is refused, not taken for evidence: the session is still there', async () => {
    const { path } = await service.session(VECTOR_NONCE)
    const refused = await service.submit(path, CWT, gzipSync(VECTOR_TOKEN), { 'Content-Encoding': 'gzip' })
    expect(refused).toMatchObject({ status: 415, json: { title: 'Unsupported content coding' } })
    expect(refused.headers.get('accept-encoding')).toBe('identity')
    expect((await service.submit(path, CWT, VECTOR_TOKEN, { 'Content-Encoding': 'identity' })).status).toBe(200)
  })

  test('of a type longer than any is refused, for the session would keep the type', async () => {
    const { path } = await service.session()
    expect((await service.submit(path, `${CWT}; x=${'y'.repeat(600)}`, VECTOR_TOKEN)).status).toBe(415)
  })

  test('that is empty, or ends too early, is no evidence', async () => {
    const { path } = await service.session()
    expect((await service.submit(path, CWT, new Uint8Array())).status).toBe(400)
    const { hostname, port } = new URL(service.url)
    const socket = connect(Number(port), hostname)
    socket.end(`${head(path, 'Content-Length: 100')}half`)
    await new Promise((resolve) => socket.on('close', resolve).resume())
    expect((await service.call(path)).json.status).toBe('waiting')
  })
})

describe('what is no request', () => {
  test('is answered with a problem', async () => {
    expect(problemIn(await send(service, ['nonsense\r\n\r\n'])).status).toBe(400)
    const headers = `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`
    expect(problemIn(await send(service, [headers])).status).toBe(431)
  })

  test.each([
    ['without the host that HTTP/1.1 demands', 'GET /health/live HTTP/1.1\r\n\r\n', 400],
    ['to a host that cannot be', 'GET /health/live HTTP/1.1\r\nHost: a b<>\r\n\r\n', 400],
    ['for no path', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['to a proxy', 'CONNECT other:443 HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['of two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
    ['that expects what is not done', 'GET /health/live HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n', 417],
  ])('(%s) has an id that the log knows, and is counted', async (_, text, status) => {
    const counted = async (): Promise<string | undefined> =>
      (await service.call('/metrics')).text.split('\n').find((line) => line.includes(`route="none",status="${status}"`))
    const before = await counted()
    const received = await send(service, [text])
    expect(problemIn(received).status).toBe(status)
    const [, id] = /^x-request-id: (\S+)\r$/im.exec(received) ?? []
    expect(received).toContain(`urn:uuid:${id}`)
    expect(service.log).toContainEqual(expect.objectContaining({ id, status, msg: 'refused' }))
    expect(await counted()).not.toBe(before)
  })

  test('may lack the host as long as it is HTTP/1.0, as monitoring sends it', async () => {
    expect(await send(service, ['GET /health/live HTTP/1.0\r\n\r\n'])).toMatch(/^HTTP\/1.1 200 /)
  })
})

describe('sessions', () => {
  test('beyond as many as are kept open are refused until one is over', async () => {
    await store.sweepSessions(Number.MAX_SAFE_INTEGER)
    const small = await serve(store, { limits: { openSessions: 3 } })
    const open = () => small.call('/challenge-response/v1/newSession', { method: 'POST' })
    const statuses = (await Promise.all(Array.from({ length: 5 }, open))).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual([201, 201, 201, 503, 503])
    const refused = await open()
    expect(refused).toMatchObject({ status: 503, json: { status: 503, title: 'Too many sessions' } })
    expect(refused.headers.get('retry-after')).toBe('5')
    await small.close()
  })

  test('faster than a client may open them are refused', async () => {
    const careful = await serve(store, { limits: { sessionsPerClientPerSecond: 2 } })
    const open = () => careful.call('/challenge-response/v1/newSession', { method: 'POST' })
    const answers = await Promise.all(Array.from({ length: 6 }, open))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]!.json).toMatchObject({ status: 429, title: 'Too many requests' })
    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(2)
    await careful.close()
  })
})

describe('appraisals', () => {
  test('beyond as many as are done at once are told to come again, and their sessions wait', async () => {
    const { slow, begun, release } = slowToClaim(store)
    const narrow = await serve(slow, { limits: { appraisals: 1 } })
    const [first, second] = [await narrow.session(VECTOR_NONCE), await narrow.session(VECTOR_NONCE)]
    const answer = narrow.submit(first.path, CWT, VECTOR_TOKEN)
    await begun
    const busy = await narrow.submit(second.path, CWT, VECTOR_TOKEN)
    expect(busy).toMatchObject({ status: 503, json: { status: 503, title: 'Busy' } })
    release()
    expect((await answer).status).toBe(200)
    expect((await narrow.submit(second.path, CWT, VECTOR_TOKEN)).status).toBe(200)
    await narrow.close()
  })
})

/** A store whose first claim of a session waits until it is released. */
function slowToClaim(store: Store) {
  const events = new EventEmitter()
  const begun = once(events, 'begun')
  let isFirst = true
  const claimSession: Store['claimSession'] = async (...claim) => {
    if (isFirst) {
      isFirst = false
      const released = once(events, 'released')
      events.emit('begun')
      await released
    }
    return store.claimSession(...claim)
  }
  const slow = new Proxy(store, {
    get: (target, name) => (name === 'claimSession' ? claimSession : Reflect.get(target, name, target)),
  })
  return { slow, begun, release: () => events.emit('released') }
}
