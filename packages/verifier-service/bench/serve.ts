import { newKeys } from '../src/key-files.ts'
import type { InstanceOptions } from '../test/support/instance.ts'
import { PostgresServer, postgresAbsent } from '../test/support/postgres-server.ts'
import { spawnInstance } from '../test/support/spawn-instance.ts'
import { trustAnchor } from '../test/support/tokens.ts'
import { load, openSessions } from './material/load.ts'

/** One measured figure. */
export interface BenchRow {
  readonly name: string
  readonly value: number
  readonly unit: string
}

const CLIENTS = 16
/** Sessions that stand open, unused, while others are served. */
const OPEN_SESSIONS = 10_000
const WARM_UP_MS = 3000
const MEASURED_MS = 8000

const options: InstanceOptions = {
  port: 0,
  ...newKeys(),
  fixed: { trustAnchors: [trustAnchor], endorsements: { platforms: [], realms: [] }, expectations: new Map() },
}

/**
 * Measures the service as its clients see it: a session asked for, evidence made for its nonce and sent, the result
 * received. One instance in one process, the clients in another, the database in its own; so many sessions stand open
 * meanwhile as a flood would leave.
 */
export async function rows(): Promise<readonly BenchRow[]> {
  const embedded = await measured('embedded', options)
  if (postgresAbsent !== undefined) {
    console.error(`serve.sessions_per_s.postgres: not measured, ${postgresAbsent}`)
    return embedded
  }
  const server = await PostgresServer.start()
  try {
    return [...embedded, ...(await measured('postgres', { ...options, postgres: server.url() }))]
  } finally {
    await server.remove()
  }
}

async function measured(store: string, instanceOptions: InstanceOptions): Promise<readonly BenchRow[]> {
  const instance = await spawnInstance(instanceOptions)
  try {
    await load(instance.url, CLIENTS, WARM_UP_MS)
    const openMs = await openSessions(instance.url, CLIENTS, OPEN_SESSIONS)
    const { sessionsPerSecond, latencies } = await load(instance.url, CLIENTS, MEASURED_MS)
    const quantile = (part: number): number => latencies[Math.floor(part * (latencies.length - 1))]!
    return [
      { name: `serve.sessions_per_s.${store}`, value: sessionsPerSecond, unit: 'sessions/s' },
      { name: `serve.p50_ms.${store}`, value: quantile(0.5), unit: 'ms' },
      { name: `serve.p99_ms.${store}`, value: quantile(0.99), unit: 'ms' },
      { name: `serve.open_sessions_10000_ms.${store}`, value: openMs, unit: 'ms' },
    ]
  } finally {
    await instance.kill()
  }
}
