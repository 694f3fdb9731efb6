import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  type EndorsementRecord,
  type Session,
  type SessionOutcome,
  type Store,
  StoreUnavailable,
} from '../../src/index.ts'

const TTL = 150_000
const LIMIT = 1_000_000

/**
 * What every store promises, as tests. `open` gives two stores with one memory, as two instances of the service have
 * them, or the same one twice; each test begins without sessions.
 */
export function storeSuite(open: () => Promise<readonly [Store, Store]>): void {
  let store: Store
  let other: Store
  /** Each test lives a minute later than the one before. */
  let now = 1_800_000_000_000

  beforeAll(async () => {
    ;[store, other] = await open()
  })
  afterAll(async () => {
    await Promise.all([...new Set([store, other])].map((each) => each.close()))
  })
  beforeEach(async () => {
    await store.sweepSessions(Number.MAX_SAFE_INTEGER)
    now += 60_000
  })

  const newSession = (expiresAt = now + TTL) => ({ id: randomUUID(), nonce: bytes(32), expiresAt })
  const created = async (): Promise<Session['id']> => {
    const session = newSession()
    expect(await store.createSession(session, LIMIT, now)).toBe(true)
    return session.id
  }
  /** What `work` gives on each of `count` calls at once, half of them to either store. */
  const atOnce = <T>(count: number, work: (store: Store, index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => work(index % 2 === 0 ? store : other, index)))

  test('a session is read as it was created, by every instance, until its time is over', async () => {
    const session = newSession()
    await store.createSession(session, LIMIT, now)
    const read = { ...session, state: 'waiting', evidenceDigest: undefined, outcome: undefined }
    expect(await store.session(session.id, now)).toEqual(read)
    expect(await other.session(session.id, session.expiresAt - 1)).toEqual(read)
    expect(await other.session(session.id, session.expiresAt)).toBeUndefined()
  })

  test.each([
    '',
    'x',
    '\0',
    "'; DROP TABLE mica.session; --",
    '../..',
    `${randomUUID()}\0`,
    randomUUID().toUpperCase(),
  ])('the id %j is that of no session', async (id) => {
    expect(await store.session(id, now)).toBeUndefined()
    expect(await store.claimSession(id, digestOf('a'), now)).toEqual({ kind: 'absent' })
    expect(await store.finishSession(id, digestOf('a'), outcomeOf('a'))).toBeUndefined()
    expect(await store.deleteSession(id)).toBe(false)
  })

  test('of creations at once, over all instances, as many succeed as the limit says', async () => {
    const made = await atOnce(300, (each) => each.createSession(newSession(), 40, now))
    expect(made.filter(Boolean)).toHaveLength(40)
    expect(await store.countSessions(now)).toBe(40)
  })

  test('the limit holds, and is reached, whatever comes and goes', async () => {
    let open: string[] = []
    for (let round = 0; round < 12; round++) {
      now += 1000
      const made = await atOnce(20, async (each) => {
        const session = newSession()
        return (await each.createSession(session, 30, now)) ? [session.id] : []
      })
      open.push(...made.flat())
      expect(open).toHaveLength(round === 0 ? 20 : 30)
      expect(await store.countSessions(now)).toBe(open.length)
      const gone = open.slice(0, round + 1)
      open = open.slice(round + 1)
      await atOnce(gone.length, (each, index) => each.deleteSession(gone[index]!))
    }
  })

  test('an expired session makes room for another before it is swept', async () => {
    expect(await store.createSession(newSession(), 1, now)).toBe(true)
    expect(await other.createSession(newSession(), 1, now)).toBe(false)
    expect(await other.createSession(newSession(now + 2 * TTL), 1, now + TTL - 1)).toBe(false)
    expect(await other.createSession(newSession(now + 2 * TTL), 1, now + TTL + 999)).toBe(true)
  })

  test('of different evidence for one session at once, one has it, and for all others it is taken', async () => {
    for (let round = 0; round < 10; round++) {
      const id = await created()
      const claims = await atOnce(20, (each, index) => each.claimSession(id, digestOf(`evidence ${index}`), now))
      const winner = claims.findIndex(({ kind }) => kind === 'claimed')
      expect(claims.map(({ kind }) => kind)).toEqual(claims.map((_, at) => (at === winner ? 'claimed' : 'taken')))
      expect((await store.session(id, now))?.evidenceDigest).toEqual(digestOf(`evidence ${winner}`))
    }
  })

  test('the same evidence claims a session again until it is answered, and then finds the answer', async () => {
    const id = await created()
    const claims = await atOnce(10, (each) => each.claimSession(id, digestOf('a'), now))
    expect(claims.map(({ kind }) => kind)).toEqual(claims.map(() => 'claimed'))
    await store.finishSession(id, digestOf('a'), outcomeOf('a'))
    const session = await store.session(id, now)
    expect(await other.claimSession(id, digestOf('a'), now)).toEqual({
      kind: 'answered',
      session,
      outcome: outcomeOf('a'),
    })
    expect(await other.claimSession(id, digestOf('b'), now)).toEqual({ kind: 'taken' })
  })

  test('an expired session is absent for evidence, also for that which has it', async () => {
    const id = await created()
    expect(await store.claimSession(id, digestOf('a'), now + TTL)).toEqual({ kind: 'absent' })
    await store.claimSession(id, digestOf('a'), now)
    expect(await store.claimSession(id, digestOf('a'), now + TTL)).toEqual({ kind: 'absent' })
  })

  test('of different answers at once, the first stands, and all are told it', async () => {
    for (let round = 0; round < 10; round++) {
      const id = await created()
      await store.claimSession(id, digestOf('a'), now)
      const told = await atOnce(20, (each, index) =>
        each.finishSession(id, digestOf('a'), outcomeOf(`answer ${index}`)),
      )
      expect(new Set(told.map((outcome) => outcome?.result)).size).toBe(1)
      expect((await other.session(id, now))?.outcome).toEqual(told[0])
    }
  })

  test('an answer is kept word for word, whether evidence was appraised or not', async () => {
    for (const state of ['complete', 'failed'] as const) {
      const id = await created()
      await store.claimSession(id, digestOf('a'), now)
      const outcome = { ...outcomeOf('ü\n"\\'), state }
      expect(await store.finishSession(id, digestOf('a'), outcome)).toEqual(outcome)
      expect(await other.session(id, now)).toMatchObject({ state, outcome })
    }
  })

  test('an answer to evidence that does not have the session is not kept', async () => {
    const [waiting, taken, gone] = [await created(), await created(), await created()]
    for (const id of [taken, gone]) await store.claimSession(id, digestOf('a'), now)
    await store.deleteSession(gone)
    expect(await store.finishSession(waiting, digestOf('a'), outcomeOf('a'))).toBeUndefined()
    expect(await store.finishSession(taken, digestOf('b'), outcomeOf('b'))).toBeUndefined()
    expect(await store.finishSession(gone, digestOf('a'), outcomeOf('a'))).toBeUndefined()
    expect((await store.session(waiting, now))?.state).toBe('waiting')
    expect((await store.session(taken, now))?.state).toBe('processing')
    expect(await store.session(gone, now)).toBeUndefined()
  })

  test('a session is deleted once', async () => {
    const id = await created()
    const deleted = await atOnce(10, (each) => each.deleteSession(id))
    expect(deleted.filter(Boolean)).toHaveLength(1)
    expect(await other.claimSession(id, digestOf('a'), now)).toEqual({ kind: 'absent' })
  })

  test('sweeps at once remove every expired session once, and no other', async () => {
    for (let created = 0; created < 1500; created += 50) {
      await atOnce(50, (each) => each.createSession(newSession(now + 1), LIMIT, now))
    }
    expect(await store.countSessions(now)).toBe(1500)
    const open = await created()
    const removed = await atOnce(4, (each) => each.sweepSessions(now + 1))
    expect(removed.reduce((sum, count) => sum + count)).toBe(1500)
    expect(await store.countSessions(now)).toBe(1)
    expect(await store.session(open, now)).toBeDefined()
  })

  test('evidence of a mebibyte with every byte in it comes back as it was, in bytes of its own', async () => {
    const id = await created()
    await store.claimSession(id, digestOf('a'), now)
    const evidence = Uint8Array.from({ length: 1 << 20 }, (_, index) => index + (index >> 8))
    await store.finishSession(id, digestOf('a'), { ...outcomeOf('a'), evidence })
    const read = (await other.session(id, now))!.outcome!.evidence
    expect(Buffer.compare(read, evidence)).toBe(0)
    expect(read.constructor).toBe(Uint8Array)
    expect(read.buffer.byteLength).toBe(read.length)
  })

  test('endorsements are stored once, and every change has a revision of its own', async () => {
    const before = (await store.endorsementsSince(undefined))!
    const record = endorsement('once')
    const added = await atOnce(10, (each) => each.addEndorsement(record))
    expect(added.filter(Boolean)).toHaveLength(1)
    const after = (await other.endorsementsSince(before.revision))!
    expect(after.records).toEqual([...before.records, record])
    expect(await store.endorsementsSince(after.revision)).toBeUndefined()
    const removed = await atOnce(10, (each) => each.removeEndorsement(record.digest))
    expect(removed.filter(Boolean)).toHaveLength(1)
    const last = (await store.endorsementsSince(after.revision))!
    expect(last.records).toEqual(before.records)
    expect([before.revision, after.revision]).not.toContain(last.revision)
    expect(await store.removeEndorsement('\0')).toBe(false)
  })

  test('a revision stands for the same endorsements whoever reads it, however many are added meanwhile', async () => {
    const seen = new Map<number, string>()
    await atOnce(60, async (each, index) => {
      if (index % 3 === 0) await each.addEndorsement(endorsement(`many ${index}`))
      if (index % 3 === 1) await each.removeEndorsement(endorsement(`many ${index - 1}`).digest)
      const { revision, records } = (await each.endorsementsSince(undefined))!
      const digests = records.map(({ digest }) => digest).join()
      expect(seen.get(revision) ?? digests).toBe(digests)
      seen.set(revision, digests)
    })
    expect(seen.size).toBeGreaterThan(1)
  })

  test('a secret is stored once, read by every instance, and replaced only by removing it', async () => {
    const record = { id: `release/${randomUUID()}`, terms: '{"group":"\\u0000"}', sealed: bytes(48) }
    const added = await atOnce(10, (each, index) => each.addSecret({ ...record, terms: `${record.terms} ${index}` }))
    expect(added.filter(Boolean)).toHaveLength(1)
    const terms = `${record.terms} ${added.indexOf(true)}`
    expect(await other.secret(record.id)).toEqual({ ...record, terms })
    expect(await other.removeSecret(record.id)).toBe(true)
    expect(await store.removeSecret(record.id)).toBe(false)
    expect(await store.secret(record.id)).toBeUndefined()
    expect(await store.secret('\0')).toBeUndefined()
    expect(await store.removeSecret('\0')).toBe(false)
    expect(await store.addSecret(record)).toBe(true)
  })

  test('what is wrong with a value is not taken for a failure of the store, which goes on', async () => {
    const wrong = { id: '\0', terms: '', sealed: new Uint8Array() }
    const attempts = await Promise.allSettled(Array.from({ length: 3 }, () => store.addSecret(wrong)))
    for (const attempt of attempts) {
      expect(attempt).toMatchObject({ status: 'rejected', reason: { code: '22021' } })
      expect(attempt).not.toMatchObject({ reason: expect.any(StoreUnavailable) })
    }
    expect(await store.ping()).toBeUndefined()
    expect(await store.addSecret({ ...wrong, id: randomUUID() })).toBe(true)
  })
}

const bytes = (length: number): Uint8Array => Uint8Array.from(randomBytes(length))

const digestOf = (text: string): Uint8Array => Uint8Array.from(createHash('sha256').update(text).digest())

const outcomeOf = (result: string): SessionOutcome => ({
  state: 'complete',
  evidenceType: 'application/eat+cwt; profile="x"',
  evidence: digestOf('evidence'),
  result,
})

const endorsement = (name: string): EndorsementRecord => ({
  digest: createHash('sha256').update(name).digest('hex'),
  mediaType: 'application/rim+cbor',
  bytes: digestOf(name),
  submittedAt: 1_800_000_000_000,
})
