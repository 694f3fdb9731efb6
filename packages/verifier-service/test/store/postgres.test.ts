import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgres, type Store, StoreUnavailable } from '../../src/index.ts'
import { hold } from '../support/hold.ts'
import { PostgresServer, postgresAbsent, skipPostgres } from '../support/postgres-server.ts'

describe.skipIf(skipPostgres)(`a PostgreSQL that several use${postgresAbsent ? ` (${postgresAbsent})` : ''}`, () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await PostgresServer.start(['fsync=off'])
  })
  afterAll(() => server?.remove())

  /** Opens stores for one test, and closes them after it, whether it passed or not. */
  async function withStores(urls: readonly string[], options: object, body: (stores: Store[]) => Promise<void>) {
    const opened = await Promise.allSettled(urls.map((url) => openPostgres(url, { sweepEveryMs: 0, ...options })))
    const stores = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    try {
      expect(stores).toHaveLength(urls.length)
      await body(stores)
    } finally {
      await Promise.all(stores.map((store) => store.close()))
    }
  }

  test('instances that start at once on an empty database make its tables once', async () => {
    const url = await server.createDatabase('empty')
    await withStores(Array(6).fill(url), { connections: 1 }, async (stores) => {
      const [first, ...others] = stores
      const id = await created(first!)
      for (const other of others) expect((await other.session(id, Date.now()))?.state).toBe('waiting')
    })
    expect(await server.run('SELECT version FROM mica.migration', 'empty')).toEqual([{ version: 1 }])
  })

  test('a database of a later version of the program is refused', async () => {
    const url = await server.createDatabase('later')
    await withStores([url], {}, async () => {})
    await server.run('INSERT INTO mica.migration VALUES (1000)', 'later')
    await expect(openPostgres(url)).rejects.toThrow('the store is of version 1000')
  })

  test('a database that is up to date is enough for a role that may create nothing', async () => {
    const url = await server.createDatabase('owned')
    await withStores([url], {}, async () => {})
    await server.run(
      `CREATE ROLE clerk LOGIN; GRANT USAGE ON SCHEMA mica TO clerk;
       GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA mica TO clerk;
       GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA mica TO clerk`,
      'owned',
    )
    await withStores([url.replace('mica@', 'clerk@')], {}, async ([store]) => {
      expect((await store!.session(await created(store!), Date.now()))?.state).toBe('waiting')
      await store!.sweepSessions(Number.MAX_SAFE_INTEGER)
      expect(await store!.countSessions(Date.now())).toBe(0)
    })
  })

  test('a database that is not there, or lets nobody in, is unavailable', async () => {
    await expect(openPostgres(server.url('nowhere'))).rejects.toThrow(StoreUnavailable)
    await expect(openPostgres('postgresql://mica@127.0.0.1:1/postgres')).rejects.toThrow(/ECONNREFUSED/)
    await expect(openPostgres('postgresql://[no-address/postgres')).rejects.toThrow(StoreUnavailable)
    await server.run('CREATE ROLE stranger LOGIN')
    const url = (await server.createDatabase('closed')).replace('mica@', 'stranger@')
    await expect(openPostgres(url)).rejects.toThrow(StoreUnavailable)
  })

  test('a statement that waits too long gives up, and the next one is answered', async () => {
    const url = await server.createDatabase('locked')
    await withStores([url], { statementTimeoutMs: 100 }, async ([store]) => {
      const id = await created(store!)
      const holding = server.run('BEGIN; LOCK TABLE mica.session; SELECT pg_sleep(0.4); COMMIT', 'locked')
      await sleep(100)
      await expect(store!.session(id, Date.now())).rejects.toThrow(StoreUnavailable)
      await holding
      expect((await store!.session(id, Date.now()))?.id).toBe(id)
    })
  })

  test('a server that says nothing at all is given up on, and used again when it speaks', async () => {
    const options = { statementTimeoutMs: 1000, connectTimeoutMs: 1000, connections: 2 }
    await withStores([await server.createDatabase('mute')], options, async ([store]) => {
      const id = await created(store!)
      const processes = server.processes()
      for (const pid of processes) process.kill(pid, 'SIGSTOP')
      try {
        const calls = Array.from({ length: 6 }, () => store!.session(id, Date.now()))
        const begun = Date.now()
        const answers = await Promise.allSettled(calls)
        expect(answers.map(({ status }) => status)).toEqual(calls.map(() => 'rejected'))
        for (const answer of answers) expect(answer).toMatchObject({ reason: expect.any(StoreUnavailable) })
        expect(Date.now() - begun).toBeLessThan(6000)
      } finally {
        for (const pid of processes) process.kill(pid, 'SIGCONT')
      }
      expect((await store!.session(id, Date.now()))?.id).toBe(id)
    })
  })

  test('a connection that says nothing is given up for a new one', async () => {
    const options = { statementTimeoutMs: 300, connections: 1 }
    await withStores([await server.createDatabase('stuck')], options, async ([store]) => {
      const id = await created(store!)
      const [backend] = await server.run("SELECT pid FROM pg_stat_activity WHERE datname = 'stuck'")
      process.kill(Number(backend!['pid']), 'SIGSTOP')
      try {
        await expect(store!.session(id, Date.now())).rejects.toThrow(StoreUnavailable)
        expect((await again(() => store!.session(id, Date.now())))?.id).toBe(id)
      } finally {
        process.kill(Number(backend!['pid']), 'SIGCONT')
      }
    })
  })

  test.each(['stop', 'kill'] as const)(
    'a server that was taken away under load (%s) loses nothing that it confirmed, and is used again when it is back',
    async (how) => {
      const url = await server.createDatabase(`away_${how}`)
      await withStores([url, url], { connectTimeoutMs: 500 }, async (stores) => {
        const confirmed = new Map<string, string>()
        const failures: unknown[] = []
        let ended = false
        const client = async (store: Store, index: number): Promise<void> => {
          while (!ended) {
            try {
              const id = await created(store)
              const digest = Uint8Array.from(randomBytes(32))
              await store.claimSession(id, digest, Date.now())
              const outcome = await store.finishSession(id, digest, { ...OUTCOME, result: `${index} ${id}` })
              confirmed.set(id, outcome!.result)
            } catch (error) {
              failures.push(error)
              await sleep(5)
            }
          }
        }
        const clients = Array.from({ length: 8 }, (_, index) => client(stores[index % 2]!, index))
        await until(() => confirmed.size > 50)
        await server[how]()
        const before = confirmed.size
        await until(() => failures.length > 20)
        await server.launch()
        await until(() => confirmed.size > before + 50)
        ended = true
        await Promise.all(clients)
        expect(failures.filter((failure) => !(failure instanceof StoreUnavailable))).toEqual([])
        for (const [id, result] of confirmed) {
          expect((await stores[0]!.session(id, Date.now()))?.outcome?.result).toBe(result)
        }
      })
    },
  )

  test('a session that is being stored while the house is counted has its place', async () => {
    const url = await server.createDatabase('counted')
    await withStores([url], {}, async ([store]) => {
      const held = await hold(server, 'INSERT', 'counted')
      const made = Promise.all(Array.from({ length: 3 }, () => createdWithin(store!, 2)))
      await held.waiting(3)
      await held.release()
      expect((await made).filter(Boolean)).toHaveLength(2)
      expect(await store!.countSessions(Date.now())).toBe(2)
    })
  })

  test("a claim that the database forgets when it crashes is anybody's, and only who has it then is answered", async () => {
    const url = await server.createDatabase('forgotten')
    const [first, second] = [randomBytes(32), randomBytes(32)].map((digest) => Uint8Array.from(digest)) as [
      Uint8Array,
      Uint8Array,
    ]
    await withStores([url], {}, async ([store]) => {
      const id = await created(store!)
      // Now the session is on the disk, and the claim not yet.
      await server.run('CHECKPOINT')
      expect(await store!.claimSession(id, first, Date.now())).toMatchObject({ kind: 'claimed' })
      await server.kill()
      await server.launch()
      const claimed = await again(() => store!.claimSession(id, second, Date.now()))
      expect(['claimed', 'taken']).toContain(claimed.kind)
      const stands = [
        await store!.finishSession(id, first, { ...OUTCOME, result: 'first' }),
        await store!.finishSession(id, second, { ...OUTCOME, result: 'second' }),
      ].map((outcome) => outcome?.result)
      expect(stands).toEqual(claimed.kind === 'claimed' ? [undefined, 'second'] : ['first', undefined])
    })
  })

  test('expired sessions go without anybody asking, also after the database was away', async () => {
    const url = await server.createDatabase('swept')
    await withStores([url], { sweepEveryMs: 20 }, async ([store]) => {
      await server.stop()
      await sleep(50)
      await server.launch()
      await store!.createSession({ id: randomUUID(), nonce: randomBytes(8), expiresAt: Date.now() - 1 }, 10, Date.now())
      await until(async () => (await store!.countSessions(0)) === 0)
    })
  })
})

const OUTCOME = { state: 'complete', evidenceType: 'application/eat+cwt', evidence: new Uint8Array(1000) } as const

async function created(store: Store): Promise<string> {
  const id = await createdWithin(store, 1_000_000)
  expect(id).toBeDefined()
  return id!
}

async function createdWithin(store: Store, limit: number): Promise<string | undefined> {
  const id = randomUUID()
  const session = { id, nonce: Uint8Array.from(randomBytes(32)), expiresAt: Date.now() + 150_000 }
  return (await store.createSession(session, limit, Date.now())) ? id : undefined
}

/** Waits for what comes to pass sooner or later; the test's own time-out is the limit. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(5)
}

/** Repeats what a store that lost its connections rejects. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
    }
  }
}
