import { beforeAll, expect, test } from 'vitest'
import { type AttackResult, runAttacks } from '../../video-moderation/attacks/attack-run.ts'
import { clipBytes } from './clip.ts'

let results: readonly AttackResult[]

beforeAll(async () => {
  results = await runAttacks(new URL('../../video-moderation/pipeline.mica', import.meta.url).pathname, clipBytes)
})

test('the encoder cannot write into the channel that it reads: stage 2 stops the store', () => {
  expect(results[0]).toMatchObject({ stopped: true, by: expect.stringContaining('permission fault on a write') })
})

test('the encoder cannot pass data to the host in a host call: the transition is blocked', () => {
  expect(results[1]).toMatchObject({ stopped: true, by: expect.stringContaining('block') })
})

test('the host cannot map a fourth Realm onto a channel: its policy is refused, its loads fault', () => {
  expect(results[2]).toMatchObject({ stopped: true, by: expect.stringContaining('of the upload') })
})
