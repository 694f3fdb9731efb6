import { Agent, type IncomingMessage, request } from 'node:http'
import { tokenFor } from '../../test/support/tokens.ts'

const SESSION_TYPE = 'application/vnd.veraison.challenge-response-session+json'
const EVIDENCE_TYPE = 'application/eat-collection; profile="http://arm.com/CCA-SSD/1.0.0"'

/** What a load came to. Times in milliseconds. */
export interface Load {
  readonly sessionsPerSecond: number
  /** Of a whole session: asked for, evidence made and sent, result received. Ascending. */
  readonly latencies: readonly number[]
}

/** Clients that have one session after the other appraised, for `durationMs`. Throws when one is not. */
export async function load(url: string, clients: number, durationMs: number): Promise<Load> {
  const latencies: number[] = []
  const begun = performance.now()
  await withClients(clients, async (agent) => {
    const start = performance.now()
    if (start - begun > durationMs) return false
    await appraisedSession(url, agent)
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
    await newSession(url, agent)
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

const newSession = (url: string, agent: Agent): Promise<Answered> =>
  post(new URL('/challenge-response/v1/newSession', url), agent)

async function appraisedSession(url: string, agent: Agent): Promise<void> {
  const made = await newSession(url, agent)
  const evidence = tokenFor(Buffer.from(JSON.parse(made.text).nonce, 'base64'))
  const place = new URL(made.location!, new URL('/challenge-response/v1/newSession', url))
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
