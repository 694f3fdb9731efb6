import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
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

describe('a policy in several files', () => {
  mkdirSync(scratch.path('lib/deep'), { recursive: true })
  scratch.write('lib/sizes.mica', 'let FRAME = 64 KiB\n')
  scratch.write('lib/deep/peers.mica', 'import "../sizes.mica"\npeer a image "a.ts"\npeer b image "b.ts"\n')

  test('is found by its imports, relative to the file that imports', async () => {
    const main = scratch.write(
      'main.mica',
      'import "lib/deep/peers.mica"\nworkflow w {\n  channel c a -> b FRAME\n  assert c reaches b\n}\n',
    )
    const { code, out, err } = await mica(['check', main])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('image "lib/deep/a.ts"')
  })

  test('is shown with the lines of the file where a mistake is', async () => {
    scratch.write('lib/wrong.mica', '\npeer a imge "a.ts"\n')
    const main = scratch.write('importing.mica', 'import "lib/wrong.mica"\nworkflow w {}\n')
    const { code, err } = await mica(['check', main])
    expect(code).toBe(1)
    expect(err).toContain(`${scratch.path('lib/wrong.mica')}:2:8\n    2 | peer a imge "a.ts"\n`)
  })

  test('stays inside the project, by path and by link', async () => {
    const outside = new Scratch()
    const secret = outside.write('secret.mica', 'let SECRET = 4 KiB\n')
    symlinkSync(secret, scratch.path('link.mica'))
    for (const path of [`../${basename(outside.folder)}/secret.mica`, secret, 'link.mica']) {
      const main = scratch.write('escaping.mica', `import "${path}"\nworkflow w {}\n`)
      const { code, err } = await mica(['check', main])
      expect(code).toBe(1)
      expect(err).toMatch(/^error MICA110[67]: /)
    }
    outside.remove()
  })
})

describe('policies written apart', () => {
  const view = (name: string, peer: string, rights: string): string =>
    scratch.write(
      `${name}.mica`,
      `policy ${name} for ${peer} {\n  peer a image "a.ts"\n  peer b image "b.ts"\n  channel job a ${rights} b 64 KiB\n}\n`,
    )
  const first = view('first', 'a', '->')

  test('go together when each says what the other does', async () => {
    const { code, out, err } = await mica(['check', first, view('second', 'b', '->')])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('policy first for a: 2 peers, 1 channel, 0 rules\n')
  })

  test('are refused as the monitor would, with the places in both files', async () => {
    const second = view('second', 'b', '<->')
    const { code, err } = await mica(['check', first, second])
    expect(code).toBe(1)
    expect(err).toMatch(/^error MICA1803: `first` and `second` would be refused together: /)
    expect(err).toContain(`${first}:4:11`)
    expect(err).toContain(`${second}:4:11`)
    const { files, diagnostics } = JSON.parse((await mica(['check', '--json', first, second])).out)
    expect(files).toEqual([first, second])
    expect(diagnostics).toMatchObject([{ code: 'MICA1803', file: first, line: 4 }])
  })
})

test('--lock warns of an image that is not the one that was measured', async () => {
  const build = scratch.path('locked')
  expect((await mica(['compile', PIPELINE, '--out', build])).code).toBe(0)
  const lock = `${build}/mica.lock.json`
  expect((await mica(['check', PIPELINE, '--lock', lock])).err).toBe('')
  writeFileSync(
    lock,
    readFileSync(lock, 'utf8').replace(/sha256:./, (rim) => (rim.endsWith('0') ? 'sha256:1' : 'sha256:0')),
  )
  const { code, err } = await mica(['check', PIPELINE, '--lock', lock])
  expect(code).toBe(0)
  expect(err).toMatch(/^warning MICA1913: `realms\/\w+\.ts`, the image of `\w+`, is not the one in the lock\n/)
})
