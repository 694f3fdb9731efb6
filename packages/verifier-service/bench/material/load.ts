import { randomBytes } from 'node:crypto'
import { Agent, type IncomingMessage, request } from 'node:http'
import { tokenFor } from '../../test/support/tokens.ts'

const SESSION_TYPE = 'application/vnd.veraison.challenge-response-session+json'
const NEW_SESSION = '/challenge-response/v1/newSession'
const NONCE_LENGTH = 64
const EVIDENCE_TYPE = 'application/eat-collection; profile="http://arm.com/CCA-SSD/1.0.0"'

/** A token, and the nonce that it was made for. */
export interface Prepared {
  readonly nonce: Uint8Array
  readonly evidence: Uint8Array
}

/** Signs `count` tokens: work of the machines that are attested, and as much of it as verifying them is. */
export function prepare(count: number): readonly Prepared[] {
  return Array.from({ length: count }, () => {
    const nonce = new Uint8Array(randomBytes(NONCE_LENGTH))
    return { nonce, evidence: tokenFor(nonce) }
  })
}

/** What a load came to. Times in milliseconds. */
export interface Load {
  readonly sessionsPerSecond: number
  /** Of a whole session: asked for, evidence sent, result received. Ascending. */
  readonly latencies: readonly number[]
}

/** Clients that have one token after the other appraised, each in a session of its own. Throws when one is not. */
export async function load(url: string, clients: number, tokens: readonly Prepared[]): Promise<Load> {
  const latencies: number[] = []
  const left = [...tokens]
  const begun = performance.now()
  await withClients(clients, async (agent) => {
    const token = left.pop()
    if (token === undefined) return false
    const start = performance.now()
    await appraisedSession(url, agent, token)
    latencies.push(performance.now() - start)
    return true
  })
  const seconds = (performance.now() - begun) / 1000
  return { sessionsPerSecond: latencies.length / seconds, latencies: latencies.sort((a, b) => a - b) }
}

/** Opens `count` sessions that nobody ever uses. @returns Milliseconds. */
export async function openSessions(url: string, clients: number, count: number): Promise<number> {
  const begun = performance.now()
  let left = count
  await withClients(clients, async (agent) => {
    if (left-- <= 0) return false
    await post(new URL(NEW_SESSION, url), agent)
    return true
  })
  return performance.now() - begun
}

/** Clients that work at once, each on one connection, until there is no more to do. */
async function withClients(count: number, work: (agent: Agent) => Promise<boolean>): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: count })
  const client = async (): Promise<void> => {
    while (await work(agent));
  }
  await Promise.all(Array.from({ length: count }, client))
  agent.destroy()
}

async function appraisedSession(url: string, agent: Agent, { nonce, evidence }: Prepared): Promise<void> {
  const query = `?nonce=${Buffer.from(nonce).toString('base64url')}`
  const made = await post(new URL(`${NEW_SESSION}${query}`, url), agent)
  const place = new URL(made.location!, new URL(NEW_SESSION, url))
  const { result } = JSON.parse((await post(place, agent, evidence)).text)
  const claims = JSON.parse(Buffer.from(result.split('.')[1], 'base64url').toString())
  if (claims.submods.CCA_REALM['ear.status'] === undefined) throw new Error('the benchmark is wrong: no result')
}

interface Answered {
  readonly text: string
  readonly location: string | undefined
}

async function post(url: URL, agent: Agent, body?: Uint8Array): Promise<Answered> {
  const headers = {
    Accept: SESSION_TYPE,
    ...(body && { 'Content-Type': EVIDENCE_TYPE, 'Content-Length': body.length }),
  }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method: 'POST', agent, headers }, resolve).once('error', reject).end(body)
  })
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  if (response.statusCode !== 200 && response.statusCode !== 201) throw new Error(`${response.statusCode} ${text}`)
  return { text, location: response.headers.location }
}
