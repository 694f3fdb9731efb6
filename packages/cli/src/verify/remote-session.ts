import { type Ear, type EcJwk, keyFromJwk, verifyEar } from '@mica/verifier'
import { UsageError } from '../usage-error.ts'

/** A challenge of a service that speaks Veraison's API, and the place where its evidence goes. */
export interface RemoteSession {
  /** 64 bytes. */
  readonly challenge: Uint8Array
  /** Has evidence judged. Throws {@link UsageError} when the service gives no result, or one that is not its own. */
  submit(type: string, evidence: Uint8Array): Promise<Ear>
}

const CHALLENGE_LENGTH = 64

/**
 * Opens a session with the service at `server`. Its key is the one that it shows itself: whoever has to know that it is
 * this service speaks to it by TLS.
 *
 * Throws {@link UsageError} when it cannot be reached, or is no such service.
 */
export async function openRemoteSession(server: string): Promise<RemoteSession> {
  if (!/^https?:\/\/./.test(server)) throw new UsageError(`--server \`${server}\` is no URL`, 'http://127.0.0.1:8080')
  const discovery = (await request(new URL('/.well-known/veraison/verification', server))).json
  const endpoint = discovery['api-endpoints']?.newChallengeResponseSession
  const key: EcJwk = discovery['ear-verification-key']
  if (typeof endpoint !== 'string' || typeof key !== 'object' || keyFromJwk(key) === undefined) {
    throw new UsageError(`${server} does not say how to verify evidence there`)
  }
  const start = new URL(`${endpoint}?nonceSize=${CHALLENGE_LENGTH}`, server)
  const opened = await request(start, { method: 'POST' })
  const challenge = new Uint8Array(Buffer.from(String(opened.json['nonce']), 'base64'))
  const location = opened.headers.get('location')
  if (challenge.length !== CHALLENGE_LENGTH || location === null) {
    throw new UsageError(`${server} gives no challenge of ${CHALLENGE_LENGTH} bytes`)
  }
  return {
    challenge,
    async submit(type, body) {
      const headers = { 'Content-Type': type }
      const { json } = await request(new URL(location, start), { method: 'POST', headers, body })
      if (typeof json['result'] !== 'string') throw new UsageError(`${server} has no result: ${json['status']}`)
      const reading = await verifyEar(json['result'], key, { nonce: challenge })
      if (reading.kind === 'ear') return reading.ear
      throw new UsageError(`the result of ${server} cannot be used: ${reading.reason}`)
    },
  }
}

interface JsonAnswer {
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: what a stranger wrote; each use checks what it takes
  readonly json: Readonly<Record<string, any>>
}

async function request(url: URL, init: RequestInit = {}): Promise<JsonAnswer> {
  const [response, text] = await answered(url, init)
  const json = parsed(text)
  if (json === undefined) throw new UsageError(`${url.origin} answers ${response.status}, and no JSON`)
  if (response.ok) return { headers: response.headers, json }
  throw new UsageError(`${url.origin} answers ${response.status}: ${json['detail'] ?? response.statusText}`)
}

async function answered(url: URL, init: RequestInit): Promise<readonly [Response, string]> {
  try {
    const response = await fetch(url, init)
    return [response, await response.text()]
  } catch (error) {
    // What went wrong on the way stands in the cause.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new UsageError(`cannot reach ${url.origin}: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

function parsed(text: string): JsonAnswer['json'] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
