import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newKeys } from '../../src/key-files.ts'
import { type RunningService, startService } from '../../src/serve.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { PostgresServer, postgresAbsent, skipPostgres } from '../support/postgres-server.ts'
import { NOTHING } from '../support/service.ts'
import { trustAnchor } from '../support/tokens.ts'
import { type Experience, persist, show, Troubles } from './client.ts'

describe.skipIf(skipPostgres)(`a service whose database fails${postgresAbsent ? ` (${postgresAbsent})` : ''}`, () => {
  let server: PostgresServer
  let services: RunningService[] = []
  beforeAll(async () => {
    server = await PostgresServer.start(['fsync=off'])
    const keys = newKeys()
    const start = async (): Promise<RunningService> =>
      startService({
        host: '127.0.0.1',
        port: 0,
        store: await openPostgres(server.url(), { connectTimeoutMs: 500 }),
        ...keys,
        fixed: { ...NOTHING, trustAnchors: [trustAnchor] },
        logLevel: 'silent',
        logs: { write: () => {} },
      })
    services = await Promise.all([start(), start()])
  })
  afterAll(async () => {
    await Promise.all(services.map((service) => service.close()))
    await server?.remove()
  })

  test.each(['stop', 'kill'] as const)(
    'by a restart under load (%s) says so, answers again by itself, and has answered no session in two ways',
    async (how) => {
      const troubles = new Troubles()
      const experiences: Experience[] = []
      let ended = false
      const clients = Array.from({ length: 8 }, async (_, index) => {
        while (!ended) experiences.push(await persist(services[index % 2]!.url, troubles))
      })
      const until = async (holds: () => boolean): Promise<void> => {
        while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
      }
      await until(() => experiences.length >= 20)
      await server[how]()
      const known = troubles.problems.length
      await until(() => troubles.problems.length >= known + 20)
      await server.launch()
      const before = experiences.length
      await until(() => experiences.length >= before + 20)
      ended = true
      await Promise.all(clients)

      expect(troubles.broken).toBe(0)
      // What a crash may forget is a session that was just opened: eight clients have one each.
      expect(troubles.forgotten).toBeLessThanOrEqual(how === 'kill' ? clients.length : 0)
      const kinds = new Set(troubles.problems.map(({ status, type, json }) => `${status} ${type}, ${json.type}`))
      expect([...kinds]).toEqual(['503 application/problem+json, tag:mica,2026:problem/store'])
      for (const { session, result } of experiences) {
        for (const { url } of services) expect((await show(url, session)).json.result).toBe(result)
      }
    },
  )
})
