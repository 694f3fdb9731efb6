import { existsSync, readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { mica } from '../support/call.ts'
import { Scratch } from '../support/pipeline.ts'

const root = new URL('../../../../', import.meta.url)
const scratch = new Scratch()
afterAll(() => scratch.remove())

const wrong = scratch.write(
  'wrong.mica',
  'workflow w {\n  peer a image "a.ts"\n  peer b image "b.ts"\n  channel c a -> bb 4096\n}\n',
)

test('the page about a code is printed as it stands', async () => {
  const path = 'packages/dsl/docs/diagnostics/MICA1505.md'
  const page = readFileSync(new URL(path, root), 'utf8')
  expect(await mica(['explain', 'mica1505'])).toEqual({ code: 0, out: page, err: '' })
  const { out } = await mica(['explain', 'MICA1505', '--json'])
  expect(JSON.parse(out)).toEqual({ code: 'MICA1505', docs: path, page })
})

test('a code that there is not is a mistake of whoever asks', async () => {
  const { code, err } = await mica(['explain', 'MICA1000'])
  expect(code).toBe(2)
  expect(err).toBe('error: there is no code `MICA1000`\n  help: did you mean MICA1001?\n')
})

test('every problem leads to its page', async () => {
  const { err } = await mica(['check', wrong])
  expect(err).toContain('\nmore about MICA1201, MICA1302: mica explain MICA1201\n')
  const { diagnostics } = JSON.parse((await mica(['check', '--json', wrong])).out)
  expect(diagnostics).toHaveLength(2)
  for (const { code, docs } of diagnostics) {
    expect(docs).toContain(code)
    expect(existsSync(new URL(docs, root))).toBe(true)
  }
})
