import { newKeys } from '../src/key-files.ts'
import type { InstanceOptions } from '../test/support/instance.ts'
import { PostgresServer, postgresAbsent } from '../test/support/postgres-server.ts'
import { spawnInstance } from '../test/support/spawn-instance.ts'
import { trustAnchor } from '../test/support/tokens.ts'
import { cpuTimeOf, hasCpuTimes } from './material/cpu-time.ts'
import { load, openSessions, type Prepared, prepare } from './material/load.ts'

/** One measured figure. */
export interface BenchRow {
  readonly name: string
  readonly value: number
  readonly unit: string
}

const CLIENTS = 16
/** Sessions that stand open, unused, while others are served. */
const OPEN_SESSIONS = 10_000
const WARM_UP_SESSIONS = 1000
const MEASURED_SESSIONS = 3000

const options: InstanceOptions = {
  port: 0,
  ...newKeys(),
  fixed: { trustAnchors: [trustAnchor], endorsements: { platforms: [], realms: [] }, expectations: new Map() },
}

/**
 * Measures the service as its clients see it: a session asked for, for a nonce that a token was signed for before, the
 * token sent, the result received. One instance in one process, the clients in another, the database in its own; so many
 * sessions stand open meanwhile as a flood would leave.
 *
 * The processor time of each of them depends less on who else uses the machine than the time that passes does.
 */
export async function rows(): Promise<readonly BenchRow[]> {
  const tokens = prepare(WARM_UP_SESSIONS + MEASURED_SESSIONS)
  const embedded = await measured('embedded', tokens)
  if (postgresAbsent !== undefined) {
    console.error(`serve.sessions_per_s.postgres: not measured, ${postgresAbsent}`)
    return embedded
  }
  const server = await PostgresServer.start()
  try {
    return [...embedded, ...(await measured('postgres', tokens, server))]
  } finally {
    await server.remove()
  }
}

async function measured(
  store: string,
  tokens: readonly Prepared[],
  database?: PostgresServer,
): Promise<readonly BenchRow[]> {
  const instance = await spawnInstance({ ...options, ...(database && { postgres: database.url() }) })
  const processes = (): Readonly<Record<string, readonly number[]>> => ({
    instance: [instance.process.pid!],
    clients: [process.pid],
    ...(database && { database: database.processes() }),
  })
  try {
    await load(instance.url, CLIENTS, tokens.slice(0, WARM_UP_SESSIONS))
    const openMs = await openSessions(instance.url, CLIENTS, OPEN_SESSIONS)
    const before = cpuTimes(processes())
    const { sessionsPerSecond, latencies } = await load(instance.url, CLIENTS, tokens.slice(WARM_UP_SESSIONS))
    const after = cpuTimes(processes())
    const quantile = (part: number): number => latencies[Math.floor(part * (latencies.length - 1))]!
    return [
      { name: `serve.sessions_per_s.${store}`, value: sessionsPerSecond, unit: 'sessions/s' },
      { name: `serve.p50_ms.${store}`, value: quantile(0.5), unit: 'ms' },
      { name: `serve.p99_ms.${store}`, value: quantile(0.99), unit: 'ms' },
      { name: `serve.open_sessions_10000_ms.${store}`, value: openMs, unit: 'ms' },
      ...cpuRows(`serve.cpu_ms_per_session.${store}`, before, after),
    ]
  } finally {
    await instance.kill()
  }
}

type CpuTimes = ReadonlyMap<string, number>

const cpuTimes = (processes: Readonly<Record<string, readonly number[]>>): CpuTimes =>
  new Map(Object.entries(hasCpuTimes ? processes : {}).map(([part, pids]) => [part, cpuTimeOf(pids)]))

function cpuRows(name: string, before: CpuTimes, after: CpuTimes): readonly BenchRow[] {
  const parts = [...after].map(([part, ms]) => [part, (ms - before.get(part)!) / MEASURED_SESSIONS] as const)
  const total = parts.reduce((sum, [, ms]) => sum + ms, 0)
  const rows = [['', total] as const, ...parts.map(([part, ms]) => [`.${part}`, ms] as const)]
  return hasCpuTimes ? rows.map(([part, value]) => ({ name: `${name}${part}`, value, unit: 'ms' })) : []
}
