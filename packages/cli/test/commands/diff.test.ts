import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mica } from '../support/call.ts'
import { PIPELINE, Scratch } from '../support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())
const pipeline = readFileSync(PIPELINE, 'utf8')
const allowed = pipeline.replace(/(transition encoder +)\{ call host_call: block \}/, '$1{ call host_call: allow }')
/** Line and column of the rule that is changed. */
const [line, column] = placeOf(allowed, 'call host_call: allow')

function placeOf(text: string, part: string): readonly [line: number, column: number] {
  const lines = text.slice(0, text.indexOf(part)).split('\n')
  return [lines.length, lines.at(-1)!.length + 1]
}

const wide = scratch.write('wide.mica', allowed)

test('a way around the moderator is told by its path, and the answer is that something is wider', async () => {
  const { code, out, err } = await mica(['diff', PIPELINE, wide])
  expect(code).toBe(1)
  // The assertions of the new file are broken, and that is said too.
  expect(err).toContain('error MICA1701: `raw reaches host only via moderator` does not hold')
  expect(out).toMatch(/^\S+wide\.mica, video_moderation: something is wider\nwider\n/)
  expect(out).toContain('  + `encoder`, `raw` can now reach `host` around `gate`, `moderator`\n')
  const step = '      1. `encoder` tells `host` something in a transition that is allowed'
  expect(out).toContain(`${step}  ${wide}:${line}:${column}\n`)
  expect(out).toContain('  + `encoder` can leak now')
  expect(out).toContain('  + the host sees up to 250 bytes of `encoder` with each allowed call, saw nothing')
})

test('taking it back is narrower, and the answer is yes', async () => {
  const { code, out } = await mica(['diff', wide, PIPELINE])
  expect(code).toBe(0)
  expect(out).toMatch(/: nothing is wider\nnarrower\n {2}- /)
  expect(out).toContain('`encoder`, `raw` can reach `host` only via `gate`, `moderator` now')
})

test('another layout is the same', async () => {
  const file = scratch.write(
    'layout.mica',
    pipeline.replaceAll(/ {2,}(?=\S)/g, ' ').replace('version 1', '// one\nversion 0x1'),
  )
  expect(await mica(['diff', PIPELINE, file])).toEqual({
    code: 0,
    out: `${file}, video_moderation: the same\n`,
    err: '',
  })
})

test('a dropped assertion is wider, where it stood', async () => {
  const file = scratch.write('dropped.mica', pipeline.replace(/.*leakers are gate\n/, ''))
  const { code, out } = await mica(['diff', PIPELINE, file])
  expect(code).toBe(1)
  const [dropped] = placeOf(pipeline, 'leakers are gate')
  expect(out).toContain(`  + \`leakers are gate\` is no longer asserted  ${PIPELINE}:${dropped}:3\n`)
})

test('--json has every change with its kind, words and place', async () => {
  const { code, out } = await mica(['diff', PIPELINE, wide, '--json'])
  expect(code).toBe(1)
  const [{ widened, changes }] = JSON.parse(out)
  expect(widened).toBe(true)
  expect(changes).toContainEqual({
    kind: 'transition',
    width: 'wider',
    peer: 'encoder',
    class: 'call',
    ranges: [[0xc400_0199, 0xc400_0199]],
    before: 'block',
    after: 'allow',
    side: 'after',
    text: '`encoder`: call host_call is allow, was block',
    file: wide,
    line,
    column,
  })
})

test('a policy with errors is not compared', async () => {
  const file = scratch.write('broken.mica', 'workflow w { channel c a -> b 4 KiB }')
  const { code, out, err } = await mica(['diff', PIPELINE, file])
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toMatch(/broken\.mica: 2 errors, 0 warnings, not compared\n$/)
})

test('policies of a file are compared by name', async () => {
  const view = (name: string, open: string): string =>
    `policy ${name} for a { peer a rim sha256:${'11'.repeat(32)} ${open}peer b rim sha256:${'22'.repeat(32)} channel ${name}_m a -> b 4 KiB }\n`
  const before = scratch.write('before.mica', view('one', '') + view('two', ''))
  const after = scratch.write('after.mica', view('one', '') + view('two', 'open '))
  const { out } = await mica(['diff', before, after])
  expect(out).toContain('one: the same')
  expect(out).toContain('two: something is wider')
})

describe('revisions of git', () => {
  const repository = scratch.path('repository')
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
      cwd: repository,
      stdio: 'ignore',
    })
  const write = (name: string, text: string): void => writeFileSync(`${repository}/${name}`, text)

  beforeAll(() => {
    mkdirSync(`${repository}/lib`, { recursive: true })
    git('init', '-q', '-b', 'main')
    write('p.mica', pipeline)
    write('lib/size.mica', 'let FRAME = 64 KiB\n')
    write('q.mica', 'import "lib/size.mica"\nworkflow q { peer a image "a" peer b image "b" channel c a -> b FRAME }\n')
    git('add', '.')
    git('commit', '-q', '-m', 'one')
    write('same.mica', 'workflow same { peer a image "a" peer b image "b" channel c a -> b 4 KiB }\n')
    git('add', '.')
    git('commit', '-q', '-m', 'two')
    write('p.mica', allowed)
    write('lib/size.mica', 'let FRAME = 128 KiB\n')
    write('new.mica', 'workflow new { peer a image "a" peer b image "b" channel c a -> b 4 KiB }\n')
  })

  /** Calls `mica` as somebody would who stands in the repository. */
  const there = async (...argv: string[]): ReturnType<typeof mica> => {
    const here = process.cwd()
    process.chdir(repository)
    try {
      return await mica(argv)
    } finally {
      process.chdir(here)
    }
  }

  test('a revision alone is compared with every policy that has changed since', async () => {
    const { code, out } = await there('diff', 'HEAD')
    expect(code).toBe(1)
    expect(out).toContain('p.mica, video_moderation: something is wider')
    expect(out).toContain('new.mica, new: ')
    expect(out).not.toContain('same.mica')
  })

  test('a policy has changed when a library that it imports has', async () => {
    expect((await there('diff', 'HEAD')).out).toContain('memory `c` has 128 KiB, had 64 KiB')
  })

  test('REV FILE and REV:FILE compare a file with what it was', async () => {
    const words = (await there('diff', 'HEAD', 'p.mica')).out
    expect(words).toContain('`encoder` can leak now')
    expect((await there('diff', 'HEAD:p.mica')).out).toBe(words)
    expect((await there('diff', 'HEAD:p.mica', 'HEAD:p.mica')).out).toBe('HEAD:p.mica, video_moderation: the same\n')
  })

  test('imports are those of the revision', async () => {
    expect((await there('diff', 'HEAD', 'q.mica')).out).toContain('memory `c` has 128 KiB, had 64 KiB')
  })

  test('what is neither file nor revision is a usage error', async () => {
    expect((await there('diff', 'nowhere')).err).toContain('error: nowhere is neither a file nor a revision\n')
    expect((await there('diff', 'HEAD:gone.mica')).err).toContain('error: there is no gone.mica in HEAD\n')
    expect((await there('diff', 'nope:p.mica')).err).toContain('error: there is no revision nope\n')
    expect((await there('diff', 'p.mica')).err).toContain('help: mica diff p.mica NEW, or mica diff HEAD p.mica\n')
    expect((await there('diff', '--output=x', 'p.mica')).code).toBe(2)
  })
})
