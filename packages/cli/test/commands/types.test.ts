import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { mica } from '../support/call.ts'
import { PIPELINE, Scratch } from '../support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())

test('the module is the one that compile writes, and that the demo has beside its policy', async () => {
  const { code, out, err } = await mica(['types', PIPELINE])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toBe(readFileSync(`${PIPELINE}.ts`, 'utf8'))
  const folder = scratch.path('build')
  await mica(['compile', PIPELINE, '--out', folder])
  expect(readFileSync(`${folder}/pipeline.mica.ts`, 'utf8')).toBe(out)
})

test('-o writes it to a file, unless that is the policy', async () => {
  const file = scratch.path('p.mica.ts')
  expect(await mica(['types', PIPELINE, '-o', file])).toEqual({ code: 0, out: '', err: '' })
  expect(readFileSync(file, 'utf8')).toContain('export const encoder = {')
  expect((await mica(['types', PIPELINE, '-o', PIPELINE])).code).toBe(2)
})

test('peers that would have one name in TypeScript are a usage error, and a policy with errors a no', async () => {
  const twice = scratch.write(
    'twice.mica',
    'workflow w { peer a-b image "a" peer aB image "b" channel c a-b -> aB 4 KiB }',
  )
  expect(await mica(['types', twice])).toMatchObject({
    code: 2,
    err: expect.stringContaining('two peers would both be called aB'),
  })
  const broken = scratch.write('broken.mica', 'workflow w { channel c a -> b 4 KiB }')
  expect(await mica(['types', broken])).toMatchObject({ code: 1, out: '' })
})
