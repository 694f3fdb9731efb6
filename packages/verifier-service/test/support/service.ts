import { newKeys } from '../../src/key-files.ts'
import { type RunningService, type ServiceOptions, startService } from '../../src/serve.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import type { Store } from '../../src/store/store.ts'

export const TOKEN = 'the-token-of-the-tests'
export const NOTHING = { trustAnchors: [], endorsements: { platforms: [], realms: [] }, expectations: new Map() }

/** A JSON answer of the service, or what else it answered. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: what it is, is what the tests ask
  readonly json: any
}

/** A service on a free port, with a log that is kept. */
export interface TestService extends RunningService {
  readonly log: readonly Readonly<Record<string, unknown>>[]
  readonly logText: () => string
  call(path: string, init?: RequestInit): Promise<Answered>
  /** A session, for a nonce of one's own or a fresh one. @returns Its path, and the nonce. */
  session(nonce?: Uint8Array): Promise<{ readonly path: string; readonly id: string; readonly nonce: Uint8Array }>
  submit(path: string, type: string, bytes: Uint8Array | string, headers?: Record<string, string>): Promise<Answered>
}

export const keys = newKeys()

/** Starts a service on `store`. */
export async function serve(store: Store, options: Partial<ServiceOptions> = {}): Promise<TestService> {
  const lines: string[] = []
  const running = await startService({
    host: '127.0.0.1',
    port: 0,
    store,
    ...keys,
    fixed: NOTHING,
    token: TOKEN,
    logLevel: 'debug',
    logs: { write: (line) => lines.push(line) },
    ...options,
  })
  const call: TestService['call'] = async (path, init = {}) => {
    const response = await fetch(new URL(path, running.url), init)
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') === true
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
  }
  return {
    ...running,
    get log() {
      return lines.map((line) => JSON.parse(line))
    },
    logText: () => lines.join(''),
    call,
    async session(nonce) {
      const query = nonce === undefined ? '' : `?nonce=${Buffer.from(nonce).toString('base64url')}`
      const { headers, json } = await call(`/challenge-response/v1/newSession${query}`, { method: 'POST' })
      const location = headers.get('location') ?? ''
      const path = new URL(location, 'http://any/challenge-response/v1/newSession').pathname
      return { path, id: location.split('/').at(-1)!, nonce: new Uint8Array(Buffer.from(json.nonce, 'base64')) }
    },
    submit: (path, type, bytes, headers = {}) =>
      call(path, { method: 'POST', headers: { 'Content-Type': type, ...headers }, body: bytes }),
  }
}

let opened: Promise<Store> | undefined

/** An embedded store in memory, empty: one for all test files of a process, because opening one takes seconds. */
export async function newStore(): Promise<Store> {
  opened ??= openEmbedded({ sweepEveryMs: 0 })
  const store = await opened
  await store.sweepSessions(Number.MAX_SAFE_INTEGER)
  const { records } = (await store.endorsementsSince(undefined))!
  for (const { digest } of records) await store.removeEndorsement(digest)
  return keptOpen(store)
}

export const asOperator = { Authorization: `Bearer ${TOKEN}` }

/** The same store for several services: closing one does not close it. */
function keptOpen(store: Store): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'close') return async () => {}
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
