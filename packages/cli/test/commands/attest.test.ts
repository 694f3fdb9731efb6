import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Called, mica } from '../support/call.ts'
import { PIPELINE, Scratch } from '../support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())

const CHALLENGE = '5a'.repeat(64)
let build: string
let lock: string

beforeAll(async () => {
  build = scratch.path('build')
  lock = `${build}/mica.lock.json`
  await mica(['compile', PIPELINE, '--out', build])
})

const attest = (out: string, ...argv: readonly string[]): Promise<Called> =>
  mica(['attest', PIPELINE, '--build', build, '--out', scratch.path(out), ...argv])
const verify = (file: string, ...argv: readonly string[]): Promise<Called> =>
  mica(['verify', scratch.path(file), '--trust', 'simulated', '--challenge', CHALLENGE, '--lock', lock, ...argv])

describe('evidence of a workflow that was not run', () => {
  test('is a group report that is accepted with everything that the workflow asks for', async () => {
    const made = await attest('report.cbor', '--challenge', CHALLENGE, '--peer', 'encoder', '--json')
    expect({ code: made.code, err: made.err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(made.out)).toMatchObject({ kind: 'group', peer: 'encoder', challenge: CHALLENGE })
    const { code, out } = await verify('report.cbor', '--workflow', PIPELINE, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ verdict: 'accepted', group: { requester: 'encoder' } })
  })

  test('is the token of one Realm where that is asked for', async () => {
    expect((await attest('token.cbor', '--challenge', CHALLENGE, '--token')).out).toMatch(/^token of gate: /)
    const { code, out } = await verify('token.cbor', '--json')
    expect(code).toBe(0)
    const { realm } = JSON.parse(out)
    expect(realm.rim).toBe(JSON.parse(readFileSync(lock, 'utf8')).peers.gate.rim.replace('sha256:', ''))
    expect(realm.policyDigest).toMatch(/^[0-9a-f]{64}$/)
  })

  test('of one kind is not taken for the other', async () => {
    await attest('report.cbor', '--challenge', CHALLENGE)
    await attest('token.cbor', '--challenge', CHALLENGE, '--token')
    const report = await verify('report.cbor')
    expect(report.code).toBe(1)
    expect(report.err).toContain('report.cbor is a group report\n  help: --workflow FILE says what to expect of it\n')
    const token = await verify('token.cbor', '--workflow', PIPELINE, '--json')
    expect(token.code).toBe(1)
    expect(JSON.parse(token.out)).toMatchObject({ findings: [{ name: 'profile' }] })
  })

  test('answers a fresh challenge, which is printed, where none is given', async () => {
    const challenges = await Promise.all(
      ['one.cbor', 'two.cbor'].map(async (out) => /\nchallenge ([0-9a-f]{128})\n$/.exec((await attest(out)).out)?.[1]),
    )
    expect(challenges[0]).toBeDefined()
    expect(challenges[0]).not.toBe(challenges[1])
  })

  test('is the same with the same seed and challenge', async () => {
    const argv = ['--challenge', CHALLENGE, '--seed', '7']
    await Promise.all([attest('first.cbor', ...argv), attest('second.cbor', ...argv)])
    expect(readFileSync(scratch.path('first.cbor')).equals(readFileSync(scratch.path('second.cbor')))).toBe(true)
  })
})

test('a peer that there is not is named with those there are', async () => {
  const { code, err } = await attest('x.cbor', '--peer', 'nobody')
  expect({ code, err }).toEqual({
    code: 2,
    err: 'error: there is no peer `nobody`\n  help: the peers are gate, encoder, moderator\n',
  })
})

test('a policy that the monitor refuses gives no evidence, and 1', async () => {
  const peers = ['gate', 'encoder', 'moderator']
  const other = scratch.path('tampered')
  await mica(['compile', PIPELINE, '--out', other])
  const blob = readFileSync(`${other}/${peers[1]}.policy`)
  scratch.write('tampered/encoder.policy', readFileSync(`${other}/moderator.policy`))
  expect(blob.length).toBeGreaterThan(0)
  const { code, err } = await mica(['attest', PIPELINE, '--build', other, '--out', scratch.path('none.cbor')])
  expect(code).toBe(1)
  expect(err).toMatch(/^error: no evidence: the monitor refused a policy: status \d+, reason \d+\n/)
})
