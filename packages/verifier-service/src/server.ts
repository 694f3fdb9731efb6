import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http'
import { type AddressInfo, Server as TcpServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { getRequestListener, RequestError } from '@hono/node-server'
import { ID_HEADER } from './http.ts'
import type { Limits } from './limits.ts'
import {
  badRequest,
  headersTooLarge,
  internal,
  type Problem,
  problemResponse,
  requestTimeout,
  unmetExpectation,
} from './problem.ts'

const MAX_HEADER_BYTES = 16_384
/** How often the server looks for connections whose time is over. */
const CHECK_EVERY_MS = 500
const KEEP_ALIVE_MS = 5000
/** Requests that were on their way when the server was stopped are answered; those answers end their connections. */
const LINGER_MS = 100
/** What a request without the header Host, as monitoring of HTTP/1.0 sends it, is taken to be for. */
const UNNAMED_HOST = 'localhost'

/** Where to listen. Port 0 takes any that is free. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** A server that listens. */
export interface Listening {
  /** `http://host:port`. */
  readonly url: string
  /** Takes no more connections, and resolves when the last has ended: after `timeoutMs` at the latest. */
  stop(timeoutMs: number): Promise<void>
}

/**
 * Serves `fetch` by HTTP/1.1. Rejects when the address cannot be had.
 *
 * @param refused Told of each answer to what never became a request for `fetch`.
 */
export async function listen(
  fetch: Parameters<typeof getRequestListener>[0],
  { host, port }: Address,
  limits: Limits,
  refused: (id: string, status: number) => void,
): Promise<Listening> {
  const { requestTimeoutMs, headersTimeoutMs } = limits
  const options = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: CHECK_EVERY_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Node's own refusal is no problem document.
    requireHostHeader: false,
  }
  const refusal = (problem: Problem): Response => {
    const id = randomUUID()
    refused(id, problem.status)
    return problemResponse({ ...problem, headers: { ...problem.headers, [ID_HEADER]: id, Connection: 'close' } }, id)
  }
  const listener = getRequestListener(
    (request, env) => (lacksHost(env.incoming) ? refusal(NO_REQUEST) : fetch(request, env)),
    {
      hostname: UNNAMED_HOST,
      errorHandler: (error) => refusal(error instanceof RequestError ? NO_REQUEST : internal()),
    },
  )
  const server = createServer(options, listener)
  server.maxConnections = limits.connections
  server.on(
    'checkExpectation',
    getRequestListener(() => refusal(unmetExpectation())),
  )
  server.on('connect', (_, socket) => writeTo(socket, refusal(badRequest('this is no proxy'))))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy()
    else writeTo(socket, refusal(problemOf(error.code)))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address() as AddressInfo
  return { url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`, stop }

  async function stop(timeoutMs: number): Promise<void> {
    // Takes no more connections, and leaves alone those that there are, which the method of the same name in `server` ends
    // as well where no request has been read yet.
    const closed = new Promise<void>((resolve) => TcpServer.prototype.close.call(server, () => resolve()))
    await sleep(LINGER_MS)
    server.close()
    const impatience = setTimeout(() => server.closeAllConnections(), timeoutMs)
    await closed
    clearTimeout(impatience)
  }
}

const NO_REQUEST = badRequest('that is no HTTP request')

/** Whether the header is missing that HTTP/1.1 demands (RFC 9112 section 3.2). */
const lacksHost = ({ httpVersion, headers }: Pick<IncomingMessage, 'httpVersion' | 'headers'>): boolean =>
  httpVersion === '1.1' && headers.host === undefined

/** Answers what never reached a listener. */
async function writeTo(socket: Duplex, answer: Response): Promise<void> {
  const text = await answer.text()
  const headers = { ...Object.fromEntries(answer.headers), 'content-length': Buffer.byteLength(text) }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  // Who has gone needs no answer, and no process ends for that.
  socket.on('error', () => {})
  socket.end(`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\n${lines.join('')}\r\n${text}`)
}

function problemOf(code: string | undefined): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return requestTimeout()
  if (code === 'HPE_HEADER_OVERFLOW') return headersTooLarge()
  return NO_REQUEST
}
