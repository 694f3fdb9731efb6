import { readFileSync } from 'node:fs'
import { FORCED, SERVICES, TRANSITIONS } from '@mica/policy'
import { afterAll, expect, test } from 'vitest'
import { mica } from '../support/call.ts'
import { PIPELINE, Scratch } from '../support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())

test('the shortest path is told step by step, with rights and the line of each', async () => {
  const { code, out, err } = await mica(['explain', PIPELINE, 'raw -> host'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const lines = out.split('\n')
  expect(lines[0]).toBe('raw -> host: 1 shortest path of 7 steps')
  expect(lines[2]).toMatch(
    /^ {2}1\. `encoder` reads `raw` \(read\) +\S+pipeline\.mica:\d+:3 {2}channel raw gate -> encoder 256 KiB$/,
  )
  expect(lines[8]).toMatch(/^ {2}7\. `host` reads `nic`, which is unprotected +\S+pipeline\.mica:\d+:3 {2}channel nic/)
  expect(out).toContain('what is in raw was written by gate\n')
  expect(out).toContain('the host sees of gate up to 65536 bytes in nic\n')
})

test('where there is no path it is said how far data goes, and the answer is no', async () => {
  const { code, out } = await mica(['explain', PIPELINE, 'encoder -> gate except via moderator'])
  expect(code).toBe(1)
  expect(out).toBe(
    [
      'encoder -> gate except via moderator: no path',
      '  data of encoder can come to coded',
      '  data of gate, clean, nic, host can come to gate\n',
    ].join('\n'),
  )
})

const diamond = scratch.write(
  'diamond.mica',
  `workflow diamond {
  peer a image "a.ts"
  peer b image "b.ts"
  peer c image "c.ts"
  peer d image "d.ts"
  channel ab a -> b 4 KiB
  channel ac a -> c 4 KiB
  channel bd b -> d 4 KiB
  channel cd c -> d 4 KiB
  transition d { call host_call: allow exception data_abort: scrub }
  assert a never reaches d
}
`,
)

test('all shortest paths are told, also of a policy whose assertion they break', async () => {
  const { code, out, err } = await mica(['explain', diamond, 'a -> d'])
  expect(code).toBe(0)
  expect(err).toMatch(/^error MICA1701/)
  expect(out).toContain('a -> d: 2 shortest paths of 4 steps')
  expect(out.match(/^ {2}1\. /gm)).toHaveLength(2)
  const residual = (await mica(['explain', diamond, 'd -> host'])).out
  expect(residual).toContain('the host sees of d up to 250 bytes with each allowed call')
  expect(residual).toContain('the host sees of d that, and when, exception data_abort happens')
})

test('--json has every step with its place', async () => {
  const { code, out } = await mica(['explain', PIPELINE, 'raw -> gate', '--json'])
  expect(code).toBe(0)
  const { query, count, paths, writers } = JSON.parse(out)
  expect(query).toEqual({ from: 'raw', to: 'gate', except: [], confined: [] })
  expect({ count, writers }).toEqual({ count: 1, writers: ['gate'] })
  expect(paths[0][0]).toEqual({
    from: 'raw',
    to: 'encoder',
    reason: 'read',
    rights: 'read',
    file: PIPELINE,
    line:
      1 +
      readFileSync(PIPELINE, 'utf8')
        .split('\n')
        .findIndex((line) => line.includes('channel raw ')),
    column: 3,
  })
})

test('an unknown name is a usage error with the near one', async () => {
  expect(await mica(['explain', PIPELINE, 'rwa -> host'])).toEqual({
    code: 2,
    out: '',
    err: 'error: nothing here is called `rwa`\n  help: did you mean raw?\n',
  })
})

test.each([
  [[PIPELINE], 'no question given'],
  [[PIPELINE, 'raw to host'], '`raw to host` is no question'],
  [[PIPELINE, 'raw -> host except via raw'], '`raw` is an end of the path and cannot lie on its way'],
  [[PIPELINE, 'raw -> host', 'more'], 'at most 2 policy files expected, found also `more`'],
  [['--defaults', PIPELINE], `at most 0 policy files expected, found also \`${PIPELINE}\``],
])('mica explain %j is a usage error', async (argv, cause) => {
  const { code, err } = await mica(['explain', ...argv])
  expect({ code, cause: err.split('\n')[0] }).toEqual({ code: 2, cause: `error: ${cause}` })
})

test('of a file of several policies one is chosen by name', async () => {
  const views = scratch.write(
    'views.mica',
    `policy first for a { peer a rim sha256:${'11'.repeat(32)} open peer b rim sha256:${'22'.repeat(32)} channel m a -> b 4 KiB }
policy second for b { open peer a rim sha256:${'11'.repeat(32)} peer b rim sha256:${'22'.repeat(32)} channel m a -> b 4 KiB }
`,
  )
  const { code, err } = await mica(['explain', views, 'a -> b'])
  expect(code).toBe(2)
  expect(err).toContain('views.mica has several policies\n  help: choose one with --policy: first, second\n')
  expect((await mica(['explain', views, 'a -> b', '--policy', 'second'])).out).toContain('a -> b: 1 shortest path')
  expect((await mica(['explain', views, 'a -> b', '--policy', 'secnod'])).err).toContain('did you mean second?')
})

test('--defaults lists every name of a transition with what happens without a word', async () => {
  const { code, out } = await mica(['explain', '--defaults'])
  expect(code).toBe(0)
  for (const { class: of, name, meaning } of [...TRANSITIONS, ...FORCED, ...SERVICES]) {
    expect(out).toMatch(new RegExp(`^${of} +${name} +(block|allow|scrub, never block) `, 'm'))
    expect(out).toContain(meaning)
  }
  const rows = JSON.parse((await mica(['explain', '--defaults', '--json'])).out)
  expect(rows).toContainEqual({
    class: 'exception',
    name: 'wfx',
    ids: '0x1',
    default: 'scrub, never block',
    meaning: 'WFI or WFE',
  })
})
