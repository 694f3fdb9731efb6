import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  RECORD_SIZE,
  readAll,
  type Session,
  SessionClient,
  type SessionOutcome,
  type StreamPart,
  serveSession,
} from '../../src/session/index.ts'
import { HeldChannel, releasing, services } from './transcript.ts'

const nonce = new Uint8Array(32).fill(9)
const secret = new Uint8Array(32).fill(0x5e)

interface Pair {
  readonly client: SessionClient
  readonly channel: HeldChannel
  readonly outcome: Promise<SessionOutcome>
}

function pair(approve = releasing(secret), seed = 1): Pair {
  const channel = new HeldChannel()
  const client = new SessionClient({ nonce, approve })
  return { client, channel, outcome: serveSession(channel, services(seed)) }
}

/** Carries messages both ways until nothing moves any more. `change` sees what the client sends. */
async function carry(
  { client, channel }: Pair,
  change: (message: Uint8Array) => Uint8Array[] = (m) => [m],
): Promise<void> {
  for (let quiet = 0; quiet < 20; quiet++) {
    await new Promise((resolve) => setTimeout(resolve, 0))
    for (let message = client.takeMessage(); message !== undefined; message = client.takeMessage()) {
      for (const carried of change(message)) channel.deliver(carried)
      quiet = 0
    }
    for (let message = channel.sent.shift(); message !== undefined; message = channel.sent.shift()) {
      await client.receive(message)
      quiet = 0
    }
  }
}

async function opened(connection: Pair): Promise<Session> {
  await carry(connection)
  const outcome = await connection.outcome
  if (outcome.kind !== 'open') throw new Error(`the session is ${outcome.kind}`)
  return outcome.session
}

async function parts(session: Session): Promise<StreamPart[]> {
  const all: StreamPart[] = []
  for await (const part of session.receive()) all.push(part)
  return all
}

const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff)

test('after evidence and secret, bytes of any length pass both ways unchanged', async () => {
  const connection = pair()
  const session = await opened(connection)
  const question = bytes(3 * RECORD_SIZE + 5)
  connection.client.write(question)
  connection.client.end()
  await carry(connection)
  expect(await readAll(session.receive(), 1e6)).toEqual({ kind: 'complete', bytes: question })
  await session.send(bytes(RECORD_SIZE))
  await session.end()
  await carry(connection)
  const answer = Array.from({ length: 2 }, () => connection.client.takePart())
  expect(answer).toEqual([{ kind: 'data', bytes: bytes(RECORD_SIZE) }, { kind: 'end' }])
})

test('nothing of the stream leaves the client before the session is open, nor ever in plain text', async () => {
  const connection = pair()
  const marker = new TextEncoder().encode('the plain text of the stream')
  connection.client.write(marker)
  connection.client.end()
  const seen: string[] = []
  await carry(connection, (message) => {
    seen.push(Buffer.from(message).toString('latin1'))
    return [message]
  })
  const outcome = await connection.outcome
  expect(outcome.kind).toBe('open')
  expect(seen.length).toBeGreaterThan(3)
  for (const message of seen) expect(message).not.toContain('plain text')
  for (const message of seen) expect(message).not.toContain(Buffer.from(secret).toString('latin1'))
})

test('a client that does not accept the evidence releases nothing, and the gateway is told', async () => {
  const connection = pair(async () => ({ kind: 'refuse' }))
  await carry(connection)
  expect(await connection.outcome).toEqual({ kind: 'refused' })
  expect(connection.client.state).toBe('refused')
})

test('a secret sealed for another session does not open, and the gateway goes on waiting', async () => {
  const earlier = pair(releasing(secret), 1)
  const recorded: Uint8Array[] = []
  await carry(earlier, (message) => {
    recorded.push(message)
    return [message]
  })
  const later = new HeldChannel()
  const outcome = serveSession(later, services(50))
  for (const message of recorded) later.deliver(message)
  await new Promise((resolve) => setTimeout(resolve, 50))
  // Evidence for the replayed nonce, then: the secret does not open.
  expect(later.sent).toHaveLength(2)
  later.close()
  expect(await outcome).toEqual({ kind: 'closed' })
})

test('a stream that the host cuts anywhere is broken, never complete', async () => {
  for (const keep of [0, 1, 2]) {
    const connection = pair()
    const session = await opened(connection)
    connection.client.write(bytes(2 * RECORD_SIZE))
    connection.client.end()
    let passed = 0
    await carry(connection, (message) => (passed++ < keep ? [message] : []))
    connection.channel.close()
    expect((await parts(session)).at(-1)).toEqual({ kind: 'broken', reason: 'truncated' })
  }
})

test('records that are changed, repeated, left out or exchanged break the stream, and what came before is genuine', async () => {
  const original = bytes(2 * RECORD_SIZE + 100)
  const attack = fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at: fc.nat({ max: 2 }), bit: fc.nat({ max: 8 * RECORD_SIZE }) }),
    fc.record({ kind: fc.constantFrom('repeat' as const, 'drop' as const, 'swap' as const), at: fc.nat({ max: 2 }) }),
  )
  await fc.assert(
    fc.asyncProperty(attack, async (chosen) => {
      const connection = pair()
      const session = await opened(connection)
      connection.client.write(original)
      connection.client.end()
      const records: Uint8Array[] = []
      await carry(connection, (message) => {
        records.push(message)
        return []
      })
      for (const record of attacked(records, chosen)) connection.channel.deliver(record)
      connection.channel.close()
      const received = await parts(session)
      expect(received.at(-1)).toEqual({ kind: 'broken', reason: 'tampered' })
      received.slice(0, -1).forEach((part, index) => {
        expect(part).toEqual({ kind: 'data', bytes: original.subarray(index * RECORD_SIZE, (index + 1) * RECORD_SIZE) })
      })
    }),
    { numRuns: 8 },
  )
})

test('what goes to the client is protected in the same way, and its records are no records to the gateway', async () => {
  const connection = pair()
  const session = await opened(connection)
  await session.send(bytes(10))
  const [record] = connection.channel.sent.splice(0)
  connection.channel.deliver(record!)
  expect(await parts(session)).toEqual([{ kind: 'broken', reason: 'tampered' }])
  await connection.client.receive(record!)
  await connection.client.receive(record!)
  expect(connection.client.takePart()).toEqual({ kind: 'data', bytes: bytes(10) })
  expect(connection.client.takePart()).toEqual({ kind: 'broken', reason: 'tampered' })
})

test('an error reaches the client, and nobody else can read it', async () => {
  const connection = pair()
  const session = await opened(connection)
  await session.fail('this is no clip')
  expect(Buffer.from(connection.channel.sent[0]!).toString('latin1')).not.toContain('clip')
  await carry(connection)
  expect(connection.client.takePart()).toEqual({ kind: 'failed', message: 'this is no clip' })
})

test('no bytes make a gateway or a client throw or open a session', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 10 }), async (messages) => {
      const connection = pair()
      for (const message of messages) {
        connection.channel.deliver(message)
        await connection.client.receive(message)
      }
      connection.channel.close()
      expect(['closed', 'refused']).toContain((await connection.outcome).kind)
      expect(connection.client.state).toBe('waiting')
    }),
    { numRuns: 50 },
  )
})

type Attack = { kind: 'flip'; at: number; bit: number } | { kind: 'repeat' | 'drop' | 'swap'; at: number }

function attacked(records: readonly Uint8Array[], attack: Attack): readonly Uint8Array[] {
  const changed = records.map((record) => record.slice())
  const [record] = changed.splice(attack.at, 1)
  switch (attack.kind) {
    case 'flip': {
      const bit = attack.bit % (8 * record!.length)
      record![bit >> 3]! ^= 1 << (bit & 7)
      changed.splice(attack.at, 0, record!)
      return changed
    }
    case 'repeat':
      changed.splice(attack.at, 0, record!, record!)
      return changed
    case 'drop':
      return changed
    case 'swap':
      changed.splice(attack.at + 1, 0, record!)
      return changed
  }
}
