import { type IncomingMessage, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { tokenFor } from '../support/tokens.ts'

const SESSION_TYPE = 'application/vnd.veraison.challenge-response-session+json'
const EVIDENCE_TYPE = 'application/eat-collection; profile="http://arm.com/CCA-SSD/1.0.0"'
const NEW_SESSION = '/challenge-response/v1/newSession'

/** An answer, of whatever status. */
export interface Answered {
  readonly status: number
  readonly type: string
  readonly location: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: what it is, is what the tests ask
  readonly json: any
}

/** One request on a connection of its own. Rejects when the connection breaks. */
export async function call(method: string, url: URL, body?: Uint8Array): Promise<Answered> {
  const headers = {
    Accept: SESSION_TYPE,
    ...(body && { 'Content-Type': EVIDENCE_TYPE, 'Content-Length': body.length }),
  }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method, headers, agent: false }, resolve).once('error', reject).end(body)
  })
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  const { statusCode = 0, headers: received } = response
  const type = received['content-type'] ?? ''
  return { status: statusCode, type, location: received.location, json: text === '' ? undefined : JSON.parse(text) }
}

/** A session as its client knows it. */
export interface ClientSession {
  readonly path: string
  readonly nonce: Uint8Array
}

/** Asks the service at `url` for a session. Rejects unless it is given one. */
export async function openSession(url: string): Promise<ClientSession> {
  return sessionOf(await call('POST', new URL(NEW_SESSION, url)))
}

function sessionOf({ status, location, json }: Answered): ClientSession {
  if (status !== 201) throw new Error(`no session: ${status} ${JSON.stringify(json)}`)
  return {
    path: new URL(location!, `http://any${NEW_SESSION}`).pathname,
    nonce: new Uint8Array(Buffer.from(json.nonce, 'base64')),
  }
}

export const submit = (url: string, { path }: ClientSession, evidence: Uint8Array): Promise<Answered> =>
  call('POST', new URL(path, url), evidence)

export const show = (url: string, { path }: ClientSession): Promise<Answered> => call('GET', new URL(path, url))

/** A session that was answered. */
export interface Experience {
  readonly session: ClientSession
  readonly result: string
}

/** What clients met with on the way. */
export class Troubles {
  /** Connections that broke. */
  broken = 0
  /** Sessions that nobody knew any more, before they were answered. */
  forgotten = 0
  /** Other answers than success. */
  readonly problems: Answered[] = []
}

/** Has one session appraised, and repeats each request until it is done; a session that is gone, from its beginning. */
export async function persist(url: string, troubles: Troubles): Promise<Experience> {
  for (;;) {
    const opened = await repeated(() => call('POST', new URL(NEW_SESSION, url)), troubles)
    const session = sessionOf(opened)
    const evidence = tokenFor(session.nonce)
    const { status, json } = await repeated(() => submit(url, session, evidence), troubles)
    if (status === 200) return { session, result: json.result }
    troubles.forgotten++
  }
}

/** Repeats a request until its answer is success, or that there is no such thing. */
async function repeated(ask: () => Promise<Answered>, troubles: Troubles): Promise<Answered> {
  for (;;) {
    try {
      const answered = await ask()
      if (answered.status < 400 || answered.status === 404) return answered
      troubles.problems.push(answered)
    } catch {
      troubles.broken++
    }
    await sleep(10)
  }
}
