import { connect, type Socket } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { NOTHING, newStore, serve } from '../support/service.ts'
import { trustAnchor } from '../support/tokens.ts'
import { openSession, persist, Troubles } from './client.ts'

const store = await newStore()
const service = await serve(store, {
  fixed: { ...NOTHING, trustAnchors: [trustAnchor] },
  limits: { requestTimeoutMs: 1500, headersTimeoutMs: 1000 },
})
afterAll(async () => {
  await service.close()
  await store.close()
})

const CROWD = 200

/** Many clients that each send `first` and then `more`, every `pauseMs`, until they are cut off. */
function crowd(first: string, more: string | Buffer, pauseMs: number): Promise<{ received: string; sent: number }[]> {
  const { hostname, port } = new URL(service.url)
  const member = (): Promise<{ received: string; sent: number }> =>
    new Promise((resolve) => {
      const socket: Socket = connect(Number(port), hostname)
      let received = ''
      socket.write(first)
      const sending = setInterval(() => {
        if (!socket.writableNeedDrain) socket.write(more)
      }, pauseMs)
      socket
        .on('data', (chunk) => {
          received += chunk
        })
        .on('error', () => {})
        .once('close', () => {
          clearInterval(sending)
          resolve({ received, sent: socket.bytesWritten })
        })
    })
  return Promise.all(Array.from({ length: CROWD }, member))
}

/** Others, while the crowd is there: each gets a result at once. */
async function othersAreServed(): Promise<void> {
  const troubles = new Troubles()
  const started = performance.now()
  await Promise.all(Array.from({ length: 20 }, () => persist(service.url, troubles)))
  expect(performance.now() - started).toBeLessThan(10_000)
  expect(troubles).toEqual(new Troubles())
}

test('a crowd that sends its headers by the byte is cut off, and others are served meanwhile', async () => {
  const slow = crowd('POST /challenge-response/v1/newSession HTTP/1.1\r\nHost: x\r\nX-Slow: ', 'x', 100)
  await othersAreServed()
  for (const { received } of await slow) expect(received).toMatch(/^HTTP\/1.1 408 /)
})

test('a crowd that sends its evidence by the byte is cut off, and others are served meanwhile', async () => {
  const { path } = await openSession(service.url)
  const slow = crowd(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/eat+cwt\r\nContent-Length: 3000\r\n\r\n`,
    'x',
    100,
  )
  await othersAreServed()
  for (const { received } of await slow) expect(received).toMatch(/^HTTP\/1.1 408 /)
  expect((await service.call(path)).json.status).toBe('waiting')
})

test('a crowd whose evidence has no end is cut off, and others are served meanwhile', async () => {
  const { path } = await openSession(service.url)
  const chunk = Buffer.from(`4000\r\n${'x'.repeat(0x4000)}\r\n`)
  const endless = crowd(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/eat+cwt\r\nTransfer-Encoding: chunked\r\n\r\n`,
    chunk,
    1,
  )
  await othersAreServed()
  for (const { received, sent } of await endless) {
    // Who still writes when the connection is closed may lose the answer to the reset.
    expect(received).toMatch(/^(?:HTTP\/1.1 413 |$)/)
    expect(sent).toBeLessThan(16 << 20)
  }
  expect((await service.call(path)).json.status).toBe('waiting')
})
