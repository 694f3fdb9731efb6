import { readdirSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { mica } from '../support/call.ts'
import { PIPELINE, Scratch } from '../support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())

/** Two mistakes: unknown peers on lines 5 and 7. */
const BROKEN = `workflow w {
  version 1
  trusted peer gate image "gate.ts"
  gateway peer door image "door.ts"
  channel raw gate -> encodr 64 KiB
  channel nic door <-> host 64 KiB
  assert raw reaches host only via nobody
}
`
const broken = scratch.write('broken.mica', BROKEN)

describe('a policy with errors', () => {
  test('every diagnostic has a code, line, column, the source line and a mark under the place', async () => {
    const { code, out, err } = await mica(['check', broken])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    const places = [...err.matchAll(/^error (MICA1\d{3}): .+\n {4}(.+):(\d+):(\d+)\n {4}(\d+) \| (.*)\n +\| ( *)\^+/gm)]
    const lines = BROKEN.split('\n')
    expect(places.map(([, , , line]) => Number(line))).toEqual([5, 7])
    for (const [, , file, line, column, gutter, source, indent] of places) {
      expect(file).toBe(broken)
      expect(gutter).toBe(line)
      expect(source).toBe(lines[Number(line) - 1])
      expect(indent?.length).toBe(Number(column) - 1)
    }
    expect(err.trimEnd().split('\n').at(-1)).toBe(`${broken}: 2 errors, 0 warnings`)
  })

  test('--json has the same places, on standard output alone', async () => {
    const { code, out, err } = await mica(['check', broken, '--json'])
    expect({ code, err }).toEqual({ code: 1, err: '' })
    const { file, diagnostics } = JSON.parse(out)
    expect(file).toBe(broken)
    expect(diagnostics).toEqual([
      expect.objectContaining({ severity: 'error', line: 5, column: 23, code: expect.stringMatching(/^MICA1\d{3}$/) }),
      expect.objectContaining({ severity: 'error', line: 7, column: 36, message: expect.stringContaining('`nobody`') }),
    ])
  })

  test('stops compile and run too: all of it is said, and nothing is written', async () => {
    const before = readdirSync(scratch.folder)
    const { err: expected } = await mica(['check', broken])
    const output = scratch.path('out')
    for (const argv of [
      ['compile', broken, '--out', output],
      [
        'run',
        broken,
        '--input',
        PIPELINE,
        '--output',
        output,
        '--trace',
        scratch.path('t'),
        '--evidence',
        scratch.path('e'),
      ],
    ]) {
      const { code, out, err } = await mica(argv)
      expect({ code, out }).toEqual({ code: 1, out: '' })
      expect(err).toBe(expected.replace(/\n$/, argv[0] === 'run' ? ', nothing run\n' : ', nothing written\n'))
      expect(JSON.parse((await mica([...argv, '--json'])).out).diagnostics).toHaveLength(2)
    }
    expect(readdirSync(scratch.folder)).toEqual(before)
  })
})

test('bytes that are no UTF-8 are an error at their place', async () => {
  const bytes = Buffer.from('workflow w {\n  version 1 // \u00e4\n}\n')
  bytes[bytes.indexOf(0xc3)] = 0xff
  const { code, err } = await mica(['check', scratch.write('latin.mica', bytes)])
  expect(code).toBe(1)
  expect(err).toMatch(/^error MICA1\d{3}: .*UTF-8/)
  expect(err).toContain('latin.mica:2:16\n')
})

test('a policy without errors is told in words, with its assertions', async () => {
  const { code, out, err } = await mica(['check', PIPELINE])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^ {2}holds {2}raw reaches host only via moderator$/m)
  expect(out).toMatch(/plain CCA +3 of 3/)
  expect(JSON.parse((await mica(['check', PIPELINE, '--json'])).out)).toEqual({ file: PIPELINE, diagnostics: [] })
})

test('--strict makes a warning a no', async () => {
  const unused = scratch.write(
    'unused.mica',
    'workflow w {\n  version 1\n  peer a image "a.ts"\n  peer b image "b.ts"\n  peer c image "c.ts"\n  channel x a -> b 64 KiB\n}\n',
  )
  const lenient = await mica(['check', unused])
  expect(lenient.err).toContain('warning MICA1')
  expect(lenient.code).toBe(0)
  expect((await mica(['check', unused, '--strict'])).code).toBe(1)
})
