import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { mica } from '../support/call.ts'
import { Scratch } from '../support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())
const prototype = (name: string): string =>
  fileURLToPath(new URL(`../../../policy/test/poly-v1/prototype/${name}.prototype`, import.meta.url))

test('views that agree become a workflow, which checks and compiles to the bytes of the prototype', async () => {
  const out = scratch.path('moderation.mica')
  expect(await mica(['import', prototype('video-rg'), prototype('video-re'), '-o', out])).toEqual({
    code: 0,
    out: '',
    err: '',
  })
  expect(readFileSync(out, 'utf8')).toMatch(/^workflow moderation \{\n/)
  expect((await mica(['check', out])).code).toBe(0)
  const folder = scratch.path('v1')
  expect((await mica(['compile', out, '--target', 'poly-v1', '--out', folder])).code).toBe(0)
  const { wire } = JSON.parse(readFileSync(prototype('vectors').replace('.prototype', '.json'), 'utf8'))['video-re']
  expect(readFileSync(`${folder}/VM2.policy`).toString('hex')).toBe(wire)
})

test('views that do not agree are kept, and it is said why', async () => {
  const { code, out, err } = await mica(['import', prototype('network-rnet'), prototype('network-ra')])
  expect(code).toBe(0)
  expect(out.match(/^policy \w+ for VM\d \{$/gm)).toHaveLength(2)
  expect(err).toContain('warning MICA1872: the policies are no views of one workflow: memory `Mem1` has other holders')
})

test('a mistake is told with its line, and nothing is written', async () => {
  const text = readFileSync(prototype('video-rg'), 'utf8').replace('"PROTECTED"', '"PROTECTD"')
  const file = scratch.write('slip.json', text)
  const output = scratch.path('never.mica')
  const { code, out, err } = await mica(['import', file, '-o', output])
  expect({ code, out, written: existsSync(output) }).toEqual({ code: 1, out: '', written: false })
  expect(err).toContain(`    ${file}:9:13\n    9 |     "type": "PROTECTD",\n      |             ^^^^^^^^^^\n`)
})

test('--json tells what was made of the files', async () => {
  const output = scratch.path('w.mica')
  const { code, out } = await mica([
    'import',
    prototype('llm-rg'),
    prototype('llm-rf'),
    '-o',
    output,
    '--name',
    'llm',
    '--json',
  ])
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    workflow: 'llm',
    policies: ['llm_rg', 'llm_rf'],
    diagnostics: [{ code: 'MICA1873', severity: 'warning' }],
  })
  expect((await mica(['import', prototype('llm-rg'), '--json'])).err).toContain('no --output given')
})

test('misuse is a usage error', async () => {
  expect((await mica(['import'])).err).toBe('error: no policy given\n  help: mica import --help\n')
  const file = prototype('video-rg')
  expect((await mica(['import', file, '-o', file])).err).toContain(
    `writing ${file} would replace ${file}, which is read`,
  )
  expect((await mica(['import', 'missing.json'])).err).toContain(
    'cannot read the policy missing.json: there is no such file',
  )
})
