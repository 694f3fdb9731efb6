import { afterAll, describe, expect, test } from 'vitest'
import { COMMANDS } from '../src/main.ts'
import { mica } from './support/call.ts'
import { PIPELINE, Scratch } from './support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())
const input = scratch.write('input', 'no matter')
const output = scratch.path('output')
const names = COMMANDS.map(({ name }) => name)

describe('help', () => {
  test('lists every command, on standard output when it is asked for', async () => {
    for (const argv of [['--help'], ['-h'], ['help']]) {
      const { code, out, err } = await mica(argv)
      expect(code).toBe(0)
      expect(err).toBe('')
      for (const { name, summary } of COMMANDS) expect(out).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'))
    }
  })

  test('nothing said is a usage error, and shows the same on standard error', async () => {
    const { code, out, err } = await mica([])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toBe((await mica(['--help'])).out)
  })

  test.each(names)(
    '%s has an example that begins with its name, every exit code, and one text however asked',
    async (name) => {
      const { code, out } = await mica([name, '--help'])
      expect(code).toBe(0)
      expect(out).toContain(`usage: mica ${name} `)
      expect(out).toContain(`\nexample: mica ${name} `)
      expect(out).toMatch(/\nExit codes: 0 .*1 .*2 /s)
      expect((await mica([name, 'file', '-h'])).out).toBe(out)
      expect((await mica(['help', name])).out).toBe(out)
    },
  )

  test('names every option that a command takes', async () => {
    const options = {
      run: ['input', 'output', 'build', 'seed', 'trace', 'evidence', 'backend', 'verifier', 'trust', 'json'],
      check: ['strict', 'lock', 'json'],
      fmt: ['check', 'json'],
      compile: ['out', 'target', 'peer', 'json'],
      explain: ['policy', 'defaults', 'json'],
      graph: ['format', 'output', 'policy'],
      diff: ['json'],
      inspect: ['mica', 'json'],
      import: ['output', 'name', 'json'],
      types: ['output'],
      attest: ['out', 'challenge', 'server', 'peer', 'token', 'disclosable', 'build', 'seed', 'backend', 'json'],
      disclose: ['member', 'out', 'json'],
      verify: [
        ...['trust', 'trust-anchor', 'endorsements', 'signer', 'challenge', 'workflow', 'lock', 'profile-pairing'],
        ...['compat', 'derived-challenges', 'same-platform', 'receipt', 'report', 'report-challenge', 'disclosure'],
        ...['verifier', 'all', 'json'],
      ],
    }
    for (const [name, expected] of Object.entries(options)) {
      const { out } = await mica([name, '--help'])
      expect([...out.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, option]) => option)).toEqual(expected)
    }
  })
})

test('--version is the version of the package, alone on a line', async () => {
  expect(await mica(['--version'])).toEqual({ code: 0, out: '0.0.0\n', err: '' })
})

describe('misuse is one line of cause and one of what to do, with code 2 and nothing on standard output', () => {
  const misuse: readonly (readonly [argv: readonly string[], cause: string, help: string])[] = [
    [['chekc', 'a.mica'], 'there is no command `chekc`', 'did you mean mica check?'],
    [['moderate'], 'there is no command `moderate`', `the commands are ${names.join(', ')}; mica --help tells more`],
    [
      ['help', 'moderate'],
      'there is no command `moderate`',
      `the commands are ${names.join(', ')}; mica --help tells more`,
    ],
    [['--verison'], 'there is no option `--verison`', 'did you mean mica --version?'],
    [['check'], 'no policy file given', 'mica check --help'],
    [
      ['compile', 'a.mica', 'b.mica', '--out', 'x'],
      'one policy file expected, found also `b.mica`',
      'mica compile --help',
    ],
    [
      ['compile', 'a.mica', '--out', 'x', '--target', 'v3'],
      'there is no target `v3`',
      'the targets are mica-v2 and poly-v1',
    ],
    [['check', 'missing.mica'], 'cannot read the policy file missing.mica: there is no such file', 'mica check --help'],
    [
      ['check', scratch.folder],
      `cannot read the policy file ${scratch.folder}: it is a directory`,
      'mica check --help',
    ],
    [['check', 'a.mica', '--jsno'], 'there is no option `--jsno`', 'did you mean --json?'],
    [['check', 'a.mica', '-x'], 'there is no option `-x`', 'mica check --help'],
    [['check', 'a.mica', '--json=yes'], '--json takes no value, found `yes`', 'mica check --help'],
    [['check', 'a.mica', '--constructor'], 'there is no option `--constructor`', 'mica check --help'],
    [['compile', PIPELINE], 'no --out given', 'mica compile --help'],
    [['compile', PIPELINE, '--out'], '--out needs a value', 'mica compile --help'],
    [['compile', PIPELINE, '--out='], '--out needs a value', 'mica compile --help'],
    [['compile', PIPELINE, '--out', '--json'], '--out needs a value, found the option `--json`', 'mica compile --help'],
    [['run', PIPELINE], 'no --input given', 'mica run --help'],
    [['run', PIPELINE, '--input', input], 'no --output given', 'mica run --help'],
    [
      ['run', PIPELINE, '--input', 'missing.avi', '--output', output],
      'cannot read the input missing.avi: there is no such file',
      'mica run --help',
    ],
    [
      ['run', PIPELINE, '--input', input, '--output', output, '--seed', '1', '--seed', '2'],
      '--seed is given twice: `1` and `2`',
      'mica run --help',
    ],
    [
      ['run', PIPELINE, '--input', input, '--output', '/nowhere/at/all'],
      'cannot write /nowhere/at/all: there is no such folder',
      'mica run --help',
    ],
    [
      ['run', PIPELINE, '--input', input, '--output', scratch.folder],
      `cannot write ${scratch.folder}: it is a directory`,
      'mica run --help',
    ],
    [
      ['run', PIPELINE, '--input', input, '--output', input],
      `writing ${input} would replace ${input}, which is read`,
      'mica run --help',
    ],
    [
      ['run', PIPELINE, '--input', input, '--output', output, '--trace', PIPELINE],
      `writing ${PIPELINE} would replace ${PIPELINE}, which is read`,
      'mica run --help',
    ],
    [
      ['run', PIPELINE, '--input', input, '--output', output, '--evidence', output],
      `two results would be written to ${output}`,
      'mica run --help',
    ],
    [['verify'], 'no evidence file given', 'mica verify --help'],
    [
      ['verify', input, '--trust', 'simulate', '--challenge', '00'],
      'there is no trust root `simulate`',
      'did you mean simulated?',
    ],
    [
      ['verify', input, '--trust', 'simulated', '--challenge', '00'],
      '--challenge is 128 hexadecimal digits',
      'mica attest and mica run --evidence print the challenge of their evidence',
    ],
    [
      ['verify', input, '--trust', 'simulated', '--profile-pairing', 'strikt'],
      'there is no --profile-pairing `strikt`',
      'did you mean strict?',
    ],
    [
      ['verify', input, '--trust', 'simulated', '--compat', 'everything'],
      'there is no --compat `everything`',
      'there is: digest-length, signer-id, non-platform-debug',
    ],
    [['attest', PIPELINE], 'no --out given', 'mica attest --help'],
    [
      ['attest', PIPELINE, '--out', output, '--challenge', '00'],
      '--challenge is 128 hexadecimal digits',
      'mica attest and mica run --evidence print the challenge of their evidence',
    ],
    [
      ['attest', PIPELINE, '--out', PIPELINE],
      `writing ${PIPELINE} would replace ${PIPELINE}, which is read`,
      'mica attest --help',
    ],
    [
      ['verify', input],
      'nobody is to be believed: no --trust and no --trust-anchor',
      '--trust simulated believes the simulator',
    ],
  ]

  test.each(misuse)('mica %j', async (argv, cause, help) => {
    expect(await mica(argv)).toEqual({ code: 2, out: '', err: `error: ${cause}\n  help: ${help}\n` })
  })

  test.each([
    ['backend', 'fvp', 'there is: simulator'],
    ['verifier', 'locale', 'did you mean local?'],
    ['trust', 'everyone', 'there is: simulated'],
  ])('a --%s that is not installed is named before anything runs', async (option, name, help) => {
    const { code, out, err } = await mica(['run', PIPELINE, '--input', input, '--output', output, `--${option}`, name])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(new RegExp(`^error: there is no [a-z ]+ \`${name}\`\\n  help: ${help.replace('?', '\\?')}\\n$`))
  })
})

describe('colours', () => {
  const coloured = '\u001b['

  test('are used on a terminal', async () => {
    expect((await mica(['chekc'], { tty: true })).err).toContain(coloured)
    expect((await mica(['check', scratch.write('bad.mica', 'nonsense')], { tty: true })).err).toContain(coloured)
  })

  test('are not used in a pipe, nor on a terminal where NO_COLOR says so', async () => {
    const bad = scratch.write('bad.mica', 'nonsense')
    expect((await mica(['check', bad])).err).not.toContain(coloured)
    expect((await mica(['check', bad], { tty: true, env: { NO_COLOR: '1' } })).err).not.toContain(coloured)
    expect((await mica(['chekc'], { tty: true, env: { NO_COLOR: '1' } })).err).not.toContain(coloured)
  })
})
