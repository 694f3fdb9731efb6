import { setTimeout as sleep } from 'node:timers/promises'
import { verifyEar } from '@mica/verifier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newKeys } from '../../src/key-files.ts'
import { hold } from '../support/hold.ts'
import { PostgresServer, postgresAbsent, skipPostgres } from '../support/postgres-server.ts'
import { type Instance, spawnInstance } from '../support/spawn-instance.ts'
import { tokenFor, trustAnchor } from '../support/tokens.ts'
import { Balancer } from './balancer.ts'
import { call, type Experience, openSession, persist, show, submit, Troubles } from './client.ts'

const LIMIT = 10_000

/** Instances of the service in processes of their own, on one PostgreSQL, behind a load balancer. */
describe.skipIf(skipPostgres)(`several instances${postgresAbsent ? ` (${postgresAbsent})` : ''}`, () => {
  let server: PostgresServer
  /** Those that run. Tests kill one after the other. */
  const instances: Instance[] = []
  let balancer: Balancer
  const keys = newKeys()

  const launch = (): Promise<Instance> =>
    spawnInstance({
      port: 0,
      ...keys,
      fixed: { trustAnchors: [trustAnchor], endorsements: { platforms: [], realms: [] }, expectations: new Map() },
      postgres: server.url(),
      limits: { openSessions: LIMIT },
    })

  beforeAll(async () => {
    server = await PostgresServer.start(['fsync=off'])
    instances.push(...(await Promise.all(Array.from({ length: 5 }, launch))))
    balancer = await Balancer.start(instances.map(({ url }) => url))
  })
  afterAll(async () => {
    balancer?.close()
    await Promise.all(instances.map((instance) => instance.kill()))
    await server?.remove()
  })

  /** Everyone who asks any instance that is left hears what the client heard. */
  async function expectStanding(experiences: readonly Experience[], among: readonly Instance[]): Promise<void> {
    for (const { session, result } of experiences) {
      expect((await verifyEar(result, keys.signingKey, { nonce: session.nonce })).kind).toBe('ear')
      for (const { url } of among) expect((await show(url, session)).json).toMatchObject({ status: 'complete', result })
    }
  }

  test('share sessions: each request of a session may go to another', async () => {
    const troubles = new Troubles()
    const experiences = await Promise.all(Array.from({ length: 30 }, () => persist(balancer.url, troubles)))
    expect(troubles).toEqual(new Troubles())
    await expectStanding(experiences, instances)
  })

  test('hold a limit together: a flood opens no more than 10,000 sessions, and those that are open are served', async () => {
    const before = await openSession(balancer.url)
    await server.run(
      `INSERT INTO mica.session (id, nonce, expires_at) SELECT gen_random_uuid(), '\\x00', 9e15
         FROM generate_series(1, ${LIMIT} - 20 - (SELECT count(*) FROM mica.session));
       SELECT mica.recount_sessions((extract(epoch FROM now()) * 1000)::bigint)`,
    )
    const flood = Promise.all(
      Array.from({ length: 300 }, () => call('POST', new URL('/challenge-response/v1/newSession', balancer.url))),
    )
    expect((await submit(balancer.url, before, tokenFor(before.nonce))).status).toBe(200)
    const answers = await flood
    const refused = answers.filter(({ status }) => status !== 201)
    expect(refused).toHaveLength(280)
    for (const { status, type, json } of refused) {
      expect([status, type, json.title]).toEqual([503, 'application/problem+json', 'Too many sessions'])
    }
    await server.run("DELETE FROM mica.session WHERE nonce = '\\x00'; UPDATE mica.session_tally SET counted_at = 0")
    expect((await openSession(balancer.url)).path).toMatch(/session/)
  })

  describe('one that is killed', () => {
    test.each([
      ['before its claim of the session is stored', 'processing', 'kill first'],
      ['before its answer is stored', 'complete', 'kill first'],
      ['after its answer is stored, before it is sent', 'complete', 'store first'],
    ] as const)(
      '%s: the same evidence gets one answer from the others, and other evidence none',
      async (_, state, order) => {
        const victim = instances.pop()!
        const [first, second] = instances as [Instance, Instance]
        const session = await openSession(victim.url)
        const evidence = tokenFor(session.nonce)
        const held = await hold(server, `UPDATE WHEN NEW.state = '${state}'`)
        const lost = submit(victim.url, session, evidence).then(
          () => 'answered',
          () => 'lost',
        )
        await held.waiting(1)
        if (order === 'store first') {
          // What stands still sends nothing: the database finishes, and the answer dies with the process.
          victim.process.kill('SIGSTOP')
          await held.release()
        }
        await victim.kill()
        expect(await lost).toBe('lost')
        const [stored] = await server.run(
          `SELECT result FROM mica.session WHERE id = '${session.path.split('/').at(-1)}'`,
        )
        const asked = [first, second].map(({ url }) => submit(url, session, evidence))
        if (order === 'kill first') await held.release()
        const answers = await Promise.all(asked)
        expect(answers.map(({ status }) => status)).toEqual([200, 200])
        const [result, other] = answers.map(({ json }) => json.result)
        expect([other, stored?.['result'] ?? result]).toEqual([result, result])
        expect((await submit(second.url, session, tokenFor(session.nonce))).status).toBe(409)
        await expectStanding([{ session, result }], instances)
      },
    )

    test('at any moment under load loses nothing that was answered, and who repeats gets an answer', async () => {
      const troubles = new Troubles()
      const experiences: Experience[] = []
      let ended = false
      const clients = Array.from({ length: 8 }, async () => {
        while (!ended) experiences.push(await persist(balancer.url, troubles))
      })
      const twentyMore = async (): Promise<void> => {
        const done = experiences.length
        while (experiences.length < done + 20) await sleep(1)
      }
      await twentyMore()
      await sleep(Math.random() * 20)
      await instances.pop()!.kill()
      await twentyMore()
      ended = true
      await Promise.all(clients)
      // Whatever a balancer cannot hide is a connection that breaks, never a wrong answer.
      expect([troubles.problems, troubles.forgotten]).toEqual([[], 0])
      await expectStanding(experiences, instances)
    })
  })
})
