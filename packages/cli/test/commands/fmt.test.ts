import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { mica } from '../support/call.ts'
import { Scratch } from '../support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())

const UGLY = 'workflow w { // two peers\npeer a   image "a.ts"\n  peer bee image "b.ts" channel c a->bee 64KiB }'
const NEAT = `workflow w {  // two peers
  peer a    image "a.ts"
  peer bee  image "b.ts"
  channel c  a -> bee  64 KiB
}
`

test('files are written in their one layout, and a second time nothing changes', async () => {
  const file = scratch.write('ugly.mica', UGLY)
  expect(await mica(['fmt', file])).toEqual({ code: 0, out: `wrote ${file}\n`, err: '' })
  expect(readFileSync(file, 'utf8')).toBe(NEAT)
  expect(await mica(['fmt', file])).toEqual({ code: 0, out: '', err: '' })
})

test('--check says which files have another layout, and writes nothing', async () => {
  const ugly = scratch.write('other.mica', UGLY)
  const neat = scratch.write('neat.mica', NEAT)
  expect(await mica(['fmt', '--check', ugly, neat])).toEqual({
    code: 1,
    out: `${ugly} has another layout\n`,
    err: '',
  })
  expect(readFileSync(ugly, 'utf8')).toBe(UGLY)
  expect((await mica(['fmt', '--check', neat])).code).toBe(0)
  const { files } = JSON.parse((await mica(['fmt', '--check', '--json', ugly, neat])).out)
  expect(files).toEqual([
    { file: ugly, changed: true, errors: 0 },
    { file: neat, changed: false, errors: 0 },
  ])
})

test('a file with syntax errors is left alone, and the others get their layout', async () => {
  const broken = scratch.write('broken.mica', `${UGLY} }`)
  const ugly = scratch.write('third.mica', UGLY)
  const { code, out, err } = await mica(['fmt', broken, ugly])
  expect({ code, out }).toEqual({ code: 1, out: `wrote ${ugly}\n` })
  expect(err).toMatch(/^error MICA1101: .*\n {4}.*broken\.mica:3:/)
  expect(err).toContain('1 error, 0 warnings, left as it is\n')
  expect(readFileSync(broken, 'utf8')).toBe(`${UGLY} }`)
})

test('a file that cannot be read is a usage error, and no other is written', async () => {
  const ugly = scratch.write('fourth.mica', UGLY)
  const { code, err } = await mica(['fmt', ugly, scratch.path('missing.mica')])
  expect(code).toBe(2)
  expect(err).toContain('there is no such file')
  expect(readFileSync(ugly, 'utf8')).toBe(UGLY)
})
