import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Called, mica } from '../support/call.ts'
import { PIPELINE, Scratch } from '../support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())

const CHALLENGE = '5b'.repeat(64)
const build = scratch.path('build')
const lock = `${build}/mica.lock.json`
const WHOLE = scratch.path('whole.cbor')
const PROOF = scratch.path('proof.cbor')
const peers = (): Record<string, { rim: string }> => JSON.parse(readFileSync(lock, 'utf8')).peers
const rimOf = (name: string): string => peers()[name]!.rim.replace('sha256:', '')

/** The real monitor signs: images are measured, policies admitted, and the encoder asks. */
beforeAll(async () => {
  await mica(['compile', PIPELINE, '--out', build])
  const asking = ['--challenge', CHALLENGE, '--peer', 'encoder', '--disclosable']
  const made = await mica(['attest', PIPELINE, '--build', build, '--out', WHOLE, ...asking])
  expect({ code: made.code, err: made.err }).toEqual({ code: 0, err: '' })
  await show(PROOF, '--member', 'encoder')
})

const show = (out: string, ...argv: readonly string[]): Promise<Called> =>
  mica(['disclose', WHOLE, '--out', out, ...argv])
const verify = (file: string, ...argv: readonly string[]): Promise<Called> =>
  mica(['verify', file, '--trust', 'simulated', '--challenge', CHALLENGE, ...argv])
const judged = async (file: string, ...argv: readonly string[]) => {
  const { code, out } = await verify(file, ...argv, '--json')
  return { code, ...JSON.parse(out) }
}

describe('a report that can be shown in part', () => {
  test('is accepted whole with everything that the workflow asks for', async () => {
    const json = await judged(WHOLE, '--workflow', PIPELINE, '--lock', lock)
    expect(json).toMatchObject({ code: 0, verdict: 'accepted', group: { requester: 'encoder', absent: [] } })
    expect(json.group.assertions.every(({ holds }: { holds: boolean }) => holds)).toBe(true)
  })

  test('shows a third party one member: its image, the digest of its policy, its own edges, and nothing of the others', async () => {
    const json = await judged(PROOF, '--disclosure', '--lock', lock)
    expect(json).toMatchObject({ code: 0, verdict: 'accepted', notes: [{ name: 'not-shown' }] })
    const [member, ...more] = json.disclosure.members
    expect(more).toEqual([])
    expect(member.rim).toBe(rimOf('encoder'))
    expect(member.edges.map(({ rights, others }: Record<string, number>) => [rights, others]).toSorted()).toEqual([
      [1, 1],
      [2, 1],
    ])
    expect(json.disclosure).toMatchObject({ leaves: 9, shown: 3, requester: member.label })
    expect(json.group).toBeUndefined()
    const proof = readFileSync(PROOF).toString('hex')
    expect(proof).toContain(rimOf('encoder'))
    for (const name of ['gate', 'moderator']) expect(proof).not.toContain(rimOf(name))
  })

  test('shows a pipeline by the channels that its members share', async () => {
    const file = scratch.path('two.cbor')
    const said = await show(file, '--member', 'encoder:coded', '--member', 'moderator', '--json')
    expect(JSON.parse(said.out)).toMatchObject({ evidence: file, members: ['encoder', 'moderator'] })
    const { out } = await verify(file, '--disclosure')
    const edges = out.split('\n').filter((line) => /^#\d+ +\d+ +\d+ +[rwxo-]{4} +1$/.test(line))
    const channels = edges.map((line) => line.split(/ +/)[1])
    expect(edges).toHaveLength(3)
    expect(new Set(channels).size).toBe(2)
    expect(out).toMatch(/^#\d+ +1 not shown$/m)
  })

  test('is another one every time', async () => {
    const argv = ['--build', build, '--challenge', CHALLENGE, '--disclosable', '--out', scratch.path('again.cbor')]
    await mica(['attest', PIPELINE, ...argv])
    expect(readFileSync(scratch.path('again.cbor')).equals(readFileSync(WHOLE))).toBe(false)
  })
})

describe('what shows a part', () => {
  test('is accepted only where it is expected, and says what it is elsewhere', async () => {
    for (const argv of [[], ['--workflow', PIPELINE, '--lock', lock]]) {
      const { code, err } = await verify(PROOF, ...argv)
      expect(code).toBe(1)
      expect(err).toContain(
        'proof.cbor shows some members of a group\n  help: --disclosure says that it is what you expect\n',
      )
    }
    const whole = await verify(WHOLE, '--disclosure')
    expect(whole.code).toBe(1)
    expect(whole.out).toContain('MICA2054 group-tree')
    expect(whole.err).toContain('whole.cbor is a group report')
  })

  test('is rejected for an old challenge, an image that the lock does not have, and a byte that is changed', async () => {
    const old = await mica(['verify', PROOF, '--trust', 'simulated', '--challenge', '00'.repeat(64), '--disclosure'])
    expect(old.out).toContain('MICA2017 freshness')
    const other = scratch.write('other.json', JSON.stringify({ workflow: 'w', peers: { a: peers()['gate'] } }))
    expect(await judged(PROOF, '--disclosure', '--lock', other)).toMatchObject({
      findings: [{ name: 'unexpected-member' }],
    })
    const bytes = readFileSync(PROOF)
    bytes[bytes.length - 1]! ^= 1
    expect((await verify(scratch.write('bad.cbor', bytes), '--disclosure')).out).toContain('MICA2054 group-tree')
  })
})

describe('mica disclose', () => {
  test('says what there is when something is not, and then writes nothing', async () => {
    const out = scratch.path('none.cbor')
    const called = await show(out, '--member', 'encodr')
    expect(called.code).toBe(1)
    expect(called.err).toContain('nothing shown: there is no member `encodr`; the members are ')
    expect((await show(out, '--member', 'encoder:clean')).err).toContain('`encoder` does not hold channel `clean`')
    expect(() => readFileSync(out)).toThrow()
  })

  test('needs a member and a report that can be shown in part', async () => {
    expect(await show(PROOF)).toMatchObject({ code: 2, err: expect.stringContaining('no --member given') })
    const plain = scratch.path('plain.cbor')
    await mica(['attest', PIPELINE, '--build', build, '--out', plain])
    const called = await mica(['disclose', plain, '--member', 'gate', '--out', scratch.path('x.cbor')])
    expect(called).toMatchObject({
      code: 1,
      err: expect.stringContaining('a report that was asked for with --disclosable'),
    })
  })

  test('is judged by itself: no workflow says what a part of a group has to be', async () => {
    const { code, err } = await verify(PROOF, '--disclosure', '--workflow', PIPELINE)
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('is judged by itself') })
  })

  test('has no token of one Realm to show', async () => {
    const argv = ['--out', scratch.path('t.cbor'), '--token', '--disclosable']
    expect(await mica(['attest', PIPELINE, ...argv])).toMatchObject({
      code: 2,
      err: expect.stringContaining('no members'),
    })
  })
})
