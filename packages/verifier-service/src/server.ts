import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createAdaptorServer } from '@hono/node-server'
import type { Limits } from './limits.ts'
import { PROBLEM_TYPE } from './media-types.ts'
import { badRequest, headersTooLarge, type Problem, problemText, requestTimeout } from './problem.ts'

const MAX_HEADER_BYTES = 16_384
/** How often the server looks for connections whose time is over. */
const CHECK_EVERY_MS = 500
const KEEP_ALIVE_MS = 5000

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

/** Serves `fetch` by HTTP/1.1. Rejects when the address cannot be had. */
export async function listen(
  fetch: Parameters<typeof createAdaptorServer>[0]['fetch'],
  { host, port }: Address,
  limits: Limits,
): Promise<Listening> {
  const { requestTimeoutMs, headersTimeoutMs } = limits
  const server = createAdaptorServer({
    fetch,
    serverOptions: {
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_EVERY_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
  }) as Server
  server.maxConnections = limits.connections
  server.on('clientError', refuseConnection)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address() as AddressInfo
  return { url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`, stop }

  async function stop(timeoutMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    const impatience = setTimeout(() => server.closeAllConnections(), timeoutMs)
    await closed
    clearTimeout(impatience)
  }
}

/** What the parser cannot make a request of never reaches a route, and is answered here all the same. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem = problemOf(error.code)
  const text = problemText(problem, randomUUID())
  const headers = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ]
  socket.end(`${headers.join('\r\n')}\r\n\r\n${text}`)
}

function problemOf(code: string | undefined): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return requestTimeout()
  if (code === 'HPE_HEADER_OVERFLOW') return headersTooLarge()
  return badRequest('that is no HTTP request')
}
