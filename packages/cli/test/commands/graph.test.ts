import { existsSync, readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { mica } from '../support/call.ts'
import { PIPELINE, Scratch } from '../support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())

test('an SVG has a title and a description, every peer and channel, and the paper’s colours', async () => {
  const file = scratch.path('pipeline.svg')
  expect(await mica(['graph', PIPELINE, '-o', file])).toEqual({ code: 0, out: '', err: '' })
  const svg = readFileSync(file, 'utf8')
  expect(svg).toMatch(/<svg [^>]*role="img" aria-labelledby="mica-title mica-description">/)
  expect(svg).toContain('<title id="mica-title">video_moderation, version 1</title>')
  expect(svg).toMatch(/<desc id="mica-description">3 peers: gate, encoder, moderator\./)
  for (const name of ['gate', 'encoder', 'moderator', 'raw', 'coded', 'clean', 'nic'])
    expect(svg).toContain(`>${name}</text>`)
  for (const color of ['#d7ecd0', '#fdf1c7', '#f7d2cf']) expect(svg).toContain(`fill="${color}"`)
  expect(svg.trimEnd()).toMatch(/<\/svg>$/)
  expect(svg).not.toContain('<!--')
})

test('the same policy gives the same bytes, on standard output too', async () => {
  const [first, second] = [await mica(['graph', PIPELINE]), await mica(['graph', PIPELINE])]
  expect(first.out).toBe(second.out)
  expect(first.out).toBe(readFileSync(scratch.path('pipeline.svg'), 'utf8'))
})

test('the format is the one that is named, or the one of the output’s ending', async () => {
  expect((await mica(['graph', PIPELINE, '--format', 'dot'])).out).toMatch(
    /^digraph "video_moderation, version 1" \{\n/,
  )
  expect((await mica(['graph', PIPELINE, '--format', 'mermaid'])).out).toMatch(/^flowchart LR\n/)
  const file = scratch.path('p.dot')
  await mica(['graph', PIPELINE, '-o', file])
  expect(readFileSync(file, 'utf8')).toMatch(/^digraph/)
  expect(await mica(['graph', PIPELINE, '--format', 'svgg'])).toEqual({
    code: 2,
    out: '',
    err: 'error: there is no format `svgg`\n  help: did you mean svg?\n',
  })
})

test('thirty peers are drawn', async () => {
  const peers = Array.from({ length: 30 }, (_, i) => `  peer p${i} image "p${i}.ts"`)
  const channels = Array.from({ length: 29 }, (_, i) => `  channel c${i} p${Math.floor(i / 2)} -> p${i + 1} 4 KiB`)
  const many = scratch.write('many.mica', `workflow many {\n${[...peers, ...channels].join('\n')}\n}\n`)
  const { code, out } = await mica(['graph', many])
  expect(code).toBe(0)
  expect(out.match(/class="node"/g)).toHaveLength(30)
})

test('a policy with errors is not drawn, and one that breaks an assertion is', async () => {
  const broken = scratch.write('broken.mica', 'workflow w { peer a image "a" channel c a -> b 4 KiB }')
  const output = scratch.path('never.svg')
  const { code, err } = await mica(['graph', broken, '-o', output])
  expect(code).toBe(1)
  expect(err).toMatch(/unknown peer `b`[\s\S]*nothing drawn\n$/)
  expect(existsSync(output)).toBe(false)
  const violated = scratch.write(
    'violated.mica',
    readFileSync(PIPELINE, 'utf8').replace('leakers are gate', 'leakers are none'),
  )
  expect(await mica(['graph', violated])).toMatchObject({ code: 0, err: expect.stringContaining('MICA1701') })
})

test('writing over the policy is refused', async () => {
  expect((await mica(['graph', PIPELINE, '-o', PIPELINE])).err).toContain(
    `writing ${PIPELINE} would replace ${PIPELINE}`,
  )
})
