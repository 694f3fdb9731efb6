import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Called, mica } from '../support/call.ts'
import { flipByte, PIPELINE, Scratch, shortClip } from '../support/pipeline.ts'

const PEERS = ['gate', 'encoder', 'moderator']
const scratch = new Scratch()
afterAll(() => scratch.remove())

let clip: string
let build: string

beforeAll(async () => {
  clip = scratch.write('clip.avi', await shortClip())
  build = scratch.path('build')
  await mica(['compile', PIPELINE, '--out', build])
})

function run(name: string, ...options: readonly string[]): Promise<Called> {
  const [output, trace] = [scratch.path(`${name}.avi`), scratch.path(`${name}.jsonl`)]
  return mica(['run', PIPELINE, '--build', build, '--input', clip, '--output', output, '--trace', trace, ...options])
}

describe('a run with its report for people, and the same run again as JSON', () => {
  let person: Called
  let program: Called
  let json: {
    members: { name: string; rim: string; measured: string }[]
    evidence: { challenge: string; bytes: number; file: string }
    admissions: {
      peer: string
      before: { refused: number; bytes: number }
      after: { refused: number; bytes: number }
    }[]
    channels: { name: string; kind: string; opened: boolean; written: number; read: number }[]
    exits: { peer: string; allowed: number; scrubbed: number; blocked: number }[]
  } & Record<string, unknown>

  beforeAll(async () => {
    person = await run('person', '--seed', '7')
    program = await run('program', '--seed', '7', '--json', '--evidence', scratch.path('report.cbor'))
    json = JSON.parse(program.out)
  })

  test('both are done, say so by 0, and nothing is said on standard error, progress least of all', () => {
    expect([person.code, program.code]).toEqual([0, 0])
    expect([person.err, program.err]).toEqual(['', ''])
    expect(program.out.trimEnd()).not.toContain('\n')
  })

  test('the same seed and input give the same trace and output, byte for byte', () => {
    for (const kind of ['jsonl', 'avi']) {
      const [first, second] = ['person', 'program'].map((name) => readFileSync(scratch.path(`${name}.${kind}`)))
      expect(first!.length).toBeGreaterThan(1000)
      expect(second!.equals(first!), kind).toBe(true)
    }
  })

  test('another seed gives another schedule', async () => {
    const schedule = (name: string): string[] =>
      readFileSync(scratch.path(`${name}.jsonl`), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
        .filter(({ event }) => event === 'exit')
        .map(({ rd }) => rd)
    expect((await run('other', '--seed', '8')).code).toBe(0)
    expect(schedule('other').length).toBeGreaterThan(5)
    expect(schedule('other')).not.toEqual(schedule('person'))
  })

  test('the JSON has members, verdict, channels, exits, what was stopped, leaks and output', () => {
    const lock = JSON.parse(readFileSync(`${build}/mica.lock.json`, 'utf8'))
    expect(json).toMatchObject({
      workflow: 'video_moderation',
      verdict: { verdict: 'accepted', findings: [], group: { requester: 'gate', leakers: ['gate'] } },
      released: true,
      refusals: [],
      ended: 'device-done',
      outcome: { kind: 'complete' },
      output: { file: scratch.path('program.avi'), bytes: readFileSync(scratch.path('program.avi')).length },
      evidence: { file: scratch.path('report.cbor'), bytes: readFileSync(scratch.path('report.cbor')).length },
      stopped: [],
      leaks: { found: 0, of: [] },
    })
    expect(json.members.map(({ name }) => name)).toEqual(PEERS)
    for (const { name, rim, measured } of json.members)
      expect([rim, measured]).toEqual(Array(2).fill(lock.peers[name].rim))
    expect(json.channels.map(({ name }) => name)).toEqual(['raw', 'coded', 'clean', 'nic'])
    for (const { name, kind, opened, written, read } of json.channels) {
      expect(kind, name).toBe(name === 'nic' ? 'unprotected' : 'protected')
      expect(opened, name).toBe(name !== 'nic')
      expect(Math.min(written, read), name).toBeGreaterThan(1000)
    }
    for (const { scrubbed, blocked, allowed } of json.exits)
      expect([scrubbed > 0, blocked, allowed]).toEqual([true, 0, 0])
  })

  test('both say of each Realm that its channels refused it before its upload and let it in after', () => {
    expect(json.admissions.map(({ peer }) => peer)).toEqual(PEERS)
    for (const { peer, before, after, ...rest } of json.admissions) {
      expect(rest).toMatchObject({ policy: 'accepted' })
      expect(before).toEqual({ refused: 2, bytes: 0 })
      expect(after.refused).toBe(0)
      expect(after.bytes).toBeGreaterThan(1000)
      expect(person.out).toMatch(new RegExp(`^  ${peer} +2 accesses refused +${after.bytes} bytes let through$`, 'm'))
    }
  })

  test('the report for people has the steps in order, and each channel opens once, when two hold it', () => {
    const steps = [...person.out.matchAll(/^\d {2}(\w+)/gm)].map(([, step]) => step)
    expect(steps).toEqual(['policy', 'images', 'machine', 'upload', 'report', 'run', 'output'])
    const opened = [...person.out.matchAll(/channel (\w+) is open/g)].map(([, name]) => name)
    expect(opened.sort()).toEqual(['clean', 'coded', 'raw'])
    // The first Realm to upload is alone, and opens nothing.
    expect(person.out).toMatch(/\n4 {2}upload .*\n {2}\w+ +accepted\n {2}\w+ +accepted\n +channel /)
  })

  test('the report for people has the numbers of the JSON', () => {
    for (const { name, written, read } of json.channels) {
      expect(person.out).toMatch(new RegExp(`^  ${name} +${written} bytes +${read} bytes$`, 'm'))
    }
    for (const { peer, allowed, scrubbed, blocked } of json.exits) {
      expect(person.out).toMatch(new RegExp(`^  ${peer} +${allowed} +${scrubbed} +${blocked}$`, 'm'))
    }
  })

  describe('its evidence', () => {
    const other = (challenge: string): string => challenge.replace(/^../, (byte) => (byte === '00' ? '01' : '00'))
    const verify = (options: { evidence?: string; challenge?: string; lock?: string; json?: boolean } = {}) =>
      mica([
        'verify',
        options.evidence ?? scratch.path('report.cbor'),
        ...['--workflow', PIPELINE, '--trust', 'simulated', '--lock', options.lock ?? `${build}/mica.lock.json`],
        ...['--challenge', options.challenge ?? json.evidence.challenge],
        ...(options.json === false ? [] : ['--json']),
      ])

    test('is accepted with the challenge, the lock and the trust it was made for', async () => {
      const { code, out, err } = await verify()
      expect({ code, err }).toEqual({ code: 0, err: '' })
      const { ear, ...verdict } = JSON.parse(out)
      expect(verdict).toEqual(json['verdict'])
      expect(ear).toMatchObject({ submods: { CCA_SSD_PLATFORM: { 'ear.status': 'affirming' } } })
      expect(JSON.parse(out)).toMatchObject({ verdict: 'accepted', findings: [], trustAnchor: 'simulated' })
      expect((await verify({ json: false })).out).toMatch(/^accepted {3}vouched for by `simulated`\n/)
    })

    test('is accepted without a lock, because the images are built and measured again', async () => {
      const argv = ['--workflow', PIPELINE, '--trust', 'simulated', '--challenge', json.evidence.challenge]
      expect((await mica(['verify', scratch.path('report.cbor'), ...argv])).code).toBe(0)
    })

    test('is rejected with another challenge, as not fresh', async () => {
      const { code, out } = await verify({ challenge: other(json.evidence.challenge) })
      expect(code).toBe(1)
      expect(JSON.parse(out)).toMatchObject({
        verdict: 'rejected',
        findings: [{ name: 'freshness', code: 'MICA2017' }],
      })
    })

    test('is rejected with another lock, naming the member', async () => {
      const lock = JSON.parse(readFileSync(`${build}/mica.lock.json`, 'utf8'))
      lock.peers.encoder.rim = `sha256:${'5a'.repeat(32)}`
      const { code, out } = await verify({ lock: scratch.write('other.lock.json', JSON.stringify(lock)) })
      expect(code).toBe(1)
      const { verdict, findings } = JSON.parse(out)
      expect(verdict).toBe('rejected')
      expect(findings[0].detail).toContain('`encoder`')
    })

    test('with any one byte changed is rejected by a finding, not by a failure of the verifier', async () => {
      const bytes = readFileSync(scratch.path('report.cbor'))
      for (let at = 0; at < bytes.length; at += 97) {
        const evidence = scratch.write('flipped.cbor', bytes)
        flipByte(evidence, at)
        const { code, out, err } = await verify({ evidence })
        expect({ code, err }, `byte ${at}`).toEqual({ code: 1, err: '' })
        const { verdict, findings } = JSON.parse(out)
        expect(verdict).toBe('rejected')
        expect(findings[0]).toMatchObject({ code: expect.stringMatching(/^MICA2/), detail: expect.stringMatching(/./) })
      }
      expect((await verify({ evidence: scratch.path('flipped.cbor'), json: false })).out).toMatch(/^rejected {3}MICA2/)
    })

    test('that is empty or something else is rejected too', async () => {
      for (const evidence of [scratch.write('empty', ''), clip]) expect((await verify({ evidence })).code).toBe(1)
    })
  })
})

test('an input that is no clip: one line from the gateway, code 2, no output', async () => {
  const [input, output] = [scratch.write('clip.txt', 'this is no clip'), scratch.path('none.avi')]
  const { code, err } = await mica(['run', PIPELINE, '--build', build, '--input', input, '--output', output], {
    tty: true,
    env: { NO_COLOR: '1' },
  })
  expect(code).toBe(2)
  const said = err.split('\r\u001b[2K')
  expect(said.at(-1)).toMatch(/^error: .*AVI.*\n {2}help: nothing was written; .*\n$/)
  // Here standard error is a terminal, so there was progress on it.
  expect(said.filter((line) => /KiB in, /.test(line)).length).toBeGreaterThan(0)
  expect(existsSync(output)).toBe(false)
})
