import type { MachineEvent } from '@mica/plugins'
import { beforeAll, describe, expect, test } from 'vitest'
import { readSummary } from '../../video-moderation/realms/summary.ts'
import { goodClip } from './clip.ts'
import { runDemo, shortClip } from './workflow.ts'

const policy = new URL('../../video-moderation/pipeline.mica', import.meta.url)

describe('four frames with a face in them, through the whole pipeline', () => {
  const events: MachineEvent[] = []
  const order: string[] = []
  let result: Awaited<ReturnType<typeof runDemo>>
  let output: Uint8Array

  beforeAll(async () => {
    result = await runDemo(policy, shortClip(30, 34), {
      event: (event) => {
        events.push(event)
        if (event.event === 'policy') order.push(`policy ${event['decision']}`)
      },
      verdict: (_, release) => order.push(`verdict ${release.verdict.kind}, key ${release.kind}`),
      progress: (bytesIn) => order.push(bytesIn > 2000 ? 'data' : 'handshake'),
    })
    if (result.outcome?.kind !== 'complete') throw new Error(`the run ended as ${JSON.stringify(result.outcome)}`)
    output = result.outcome.output
  })

  test('all frames come out, and the moderator says that it pixelated each', () => {
    expect(goodClip(output).frames).toHaveLength(4)
    expect(readSummary(output)?.reports.map(({ pixelated }) => pixelated)).toEqual([true, true, true, true])
  })

  test('no data enters before all policies are in force and the verdict releases the key', () => {
    const verdict = order.indexOf('verdict accepted, key released')
    expect(verdict).toBeGreaterThan(order.lastIndexOf('policy accepted'))
    expect(order.filter((what) => what === 'policy accepted')).toHaveLength(3)
    expect(order.indexOf('data')).toBeGreaterThan(verdict)
  })

  test('every Realm is refused its channels before its upload, and none after', () => {
    const refusals = new Map<string, { before: number; after: number }>()
    const uploaded = new Set<string>()
    const rdOf = new Map(events.filter(({ event }) => event === 'rec').map(({ rec, rd }) => [String(rec), String(rd)]))
    for (const event of events) {
      if (event.event === 'policy') uploaded.add(String(event['rd']))
      if (event.event !== 'fault') continue
      const rd = rdOf.get(String(event['rec'])) ?? ''
      const counts = refusals.get(rd) ?? { before: 0, after: 0 }
      counts[uploaded.has(rd) ? 'after' : 'before']++
      refusals.set(rd, counts)
    }
    // Each of the three has two protected channels, and looks into each once.
    expect([...refusals.values()]).toEqual(Array(3).fill({ before: 2, after: 0 }))
  })

  test('what is written into a channel is read from it, and nothing flows back', () => {
    for (const { name, written, read } of result.summary.channels) {
      expect(written, name).toBeGreaterThan(0)
      expect(read, name).toBeGreaterThanOrEqual(written / 2)
    }
    const writes = events.filter(({ event, stored }) => event === 'access' && Number(stored) > 0)
    const writersOf = new Map<string, Set<string>>()
    for (const { block, rec } of writes) {
      writersOf.set(String(block), (writersOf.get(String(block)) ?? new Set()).add(String(rec)))
    }
    const [, encoder] = [...new Set(events.filter(({ event }) => event === 'rec').map(({ rec }) => String(rec)))]
    // Whoever writes at the address of `raw` is the gate alone; the encoder writes only where `coded` and its own RAM are.
    expect([...writersOf.values()].filter((recs) => recs.has(encoder ?? '')).length).toBe(2)
  })

  test('every exit after the upload is scrubbed, and none carries anything', () => {
    for (const { allowed, scrubbed } of result.summary.exits) {
      expect(allowed).toBe(0)
      expect(scrubbed).toBeGreaterThan(0)
    }
    for (const event of events) {
      if (event.event === 'exit' && event['action'] === 'scrub') expect(event['gprs']).toEqual([])
    }
  })

  test('the host sees no piece of the frames, although it looks at everything it can', () => {
    expect(result.leaks.leaks).toEqual([])
    expect(result.leaks.fragments).toBeGreaterThan(1000)
    expect(result.leaks.searched).toBeGreaterThan(200 * 2 ** 20)
  })
})

test('with a policy that lets the encoder talk to the host, the same search finds frames', async () => {
  const weakened = new URL('../../video-moderation/weakened/weakened.mica', import.meta.url)
  const { outcome, leaks } = await runDemo(weakened, shortClip(30, 34))
  expect(outcome?.kind).toBe('complete')
  // The frames are in the input and in the first channel: which of them a piece is told from depends on where it is cut.
  const secrets = new Set(leaks.leaks.map(({ secret }) => secret))
  expect(['the input', 'channel raw'].filter((secret) => secrets.has(secret))).not.toEqual([])
})

test('an input that is no clip is answered with the reason, and nothing comes out', async () => {
  const { outcome } = await runDemo(policy, new TextEncoder().encode('this is no clip'))
  expect(outcome).toEqual({ kind: 'failed', message: expect.stringMatching(/^the .*(clip|file)/) })
})
