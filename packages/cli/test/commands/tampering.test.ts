import { cpSync, existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Called, mica } from '../support/call.ts'
import { flipByte, PIPELINE, Scratch, shortClip } from '../support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())

let clip: string

beforeAll(async () => {
  clip = scratch.write('clip.avi', await shortClip())
  await mica(['compile', PIPELINE, '--out', scratch.path('build')])
})

/** Runs a build of which one byte of one file was changed after it was measured. */
async function runTampered(file: string, at: (bytes: Buffer) => number, ...options: string[]): Promise<Called> {
  const build = scratch.path(`tampered-${file}`)
  cpSync(scratch.path('build'), build, { recursive: true })
  flipByte(`${build}/${file}`, at(readFileSync(`${build}/${file}`)))
  const called = await mica([
    ...['run', PIPELINE, '--build', build, '--input', clip, '--output', scratch.path('out.avi'), '--seed', '1'],
    ...options,
  ])
  expect(called.code).toBe(1)
  expect(existsSync(scratch.path('out.avi'))).toBe(false)
  expect(called.err).toMatch(/^error: refused, and nothing was written: .+\n {2}help: .+\n$/)
  return called
}

/** The last byte of an image: padding, which is measured like the rest and changes nothing that it does. */
const lastByte = (bytes: Buffer): number => bytes.length - 1

/** The first byte of the first measurement in a blob, so that the blob stays a policy. */
const ownRim =
  (peer: string) =>
  (blob: Buffer): number => {
    const lock = JSON.parse(readFileSync(scratch.path('build/mica.lock.json'), 'utf8'))
    return blob.indexOf(Buffer.from(lock.peers[peer].rim.slice('sha256:'.length), 'hex'))
  }

describe('one byte changed after the build', () => {
  test('in an image: it measures otherwise, the monitor refuses its policy, the client misses it', async () => {
    const { out, err } = await runTampered('encoder.image', lastByte, '--json')
    const json = JSON.parse(out)
    expect(json).toMatchObject({ released: false, output: null, outcome: { kind: 'refused' }, leaks: { found: 0 } })
    expect(json.refusals).toMatchObject([
      { by: 'measurement', peer: 'encoder', rule: 'rim-not-as-locked' },
      { by: 'monitor', peer: 'encoder', rule: 'self-rim-differs', detail: expect.stringContaining('step 2') },
      { by: 'verifier', peer: 'encoder', rule: 'missing-member' },
    ])
    expect(json.verdict.findings).toMatchObject([{ name: 'missing-member', member: 'encoder' }])
    expect(json.stopped).toMatchObject([{ peer: 'encoder', what: 'upload of its policy', rule: 'self-rim-differs' }])
    expect(err).toContain('encoder: its image measures ')
  })

  test('in the code of the gateway itself: its PE halts, nothing ever answers, and the report says why all the same', async () => {
    const { out, err } = await runTampered('gate.image', (bytes) => bytes.indexOf('use strict') - 1)
    const refused = out.slice(out.search(/^\d {2}refused/m))
    expect(refused).toContain("the client's key was not released, and nothing entered")
    expect(refused).toMatch(
      /^ {2}gate +measurement +rim-not-as-locked +its image measures \w{16}…, the lock says \w{16}…$/m,
    )
    expect(refused).toMatch(/^ {2}gate +realm +image-halted +its image does not run: the PE halted before any upload$/m)
    expect(out).toMatch(/^ {2}gate +RIM \w{64} NOT as computed$/m)
    expect(out).not.toContain('the key is released')
    expect(err).toContain('gate: its image measures ')
  })

  test('in a blob, which then names another image: the monitor refuses it, the client misses the member', async () => {
    const { out, err } = await runTampered('moderator.policy', ownRim('moderator'), '--json')
    expect(JSON.parse(out).refusals).toMatchObject([
      { by: 'measurement', peer: 'moderator', rule: 'blob-not-as-compiled' },
      { by: 'monitor', peer: 'moderator', rule: 'self-rim-differs' },
      { by: 'verifier', peer: 'moderator', rule: 'missing-member' },
    ])
    expect(err).toContain('moderator: its policy blob is not the one that the policy file compiles to')
  })

  test('in the blob of the gateway, which is a policy no more: its measured boot code does not upload it', async () => {
    const { out } = await runTampered('gate.policy', () => 0, '--json')
    expect(JSON.parse(out)).toMatchObject({ released: false, verdict: null, evidence: null, outcome: null })
    expect(JSON.parse(out).refusals).toMatchObject([
      { by: 'measurement', peer: 'gate', rule: 'blob-not-as-compiled' },
      { by: 'realm', peer: 'gate', rule: 'policy-not-uploaded' },
    ])
  })
})
