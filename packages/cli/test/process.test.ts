import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { LONG_CLIP, PIPELINE, Scratch } from './support/pipeline.ts'

const root = new URL('../../../', import.meta.url)
const scratch = new Scratch()
const groups: number[] = []

afterAll(() => {
  // Only a test that failed leaves any.
  for (const group of groups.filter(isAlive)) process.kill(-group, 'SIGKILL')
  scratch.remove()
})

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Starts a program in the repository's root, in a process group of its own, with a temporary directory of its own. */
function start(command: string, argv: readonly string[], tmp: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  return startIn(root, command, argv, tmp, env)
}

/** The same in another folder. */
function startIn(
  cwd: URL,
  command: string,
  argv: readonly string[],
  tmp: string,
  env: NodeJS.ProcessEnv = {},
): ChildProcess {
  mkdirSync(tmp, { recursive: true })
  const child = spawn(command, argv, { cwd, detached: true, env: { ...process.env, TMPDIR: tmp, ...env } })
  groups.push(child.pid!)
  return child
}

/** Resolves when it has ended and its output is complete; `onOutput` sees the output so far. */
function ended(child: ChildProcess, onOutput: (out: string) => void = () => {}): Promise<Ended> {
  let [out, err] = ['', '']
  child.stdout!.on('data', (chunk) => {
    out += chunk
    onOutput(out)
  })
  child.stderr!.on('data', (chunk) => {
    err += chunk
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

/** Whether any process of a group still runs. One that has ended and waits for its parent to notice does not. */
function isAlive(group: number): boolean {
  if (existsSync('/proc/self/stat')) {
    return readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && runsIn(group, `/proc/${pid}/stat`))
  }
  try {
    return process.kill(-group, 0)
  } catch {
    return false
  }
}

function runsIn(group: number, stat: string): boolean {
  try {
    const text = readFileSync(stat, 'utf8')
    // The name of the program stands in parentheses, and may hold anything.
    const [state = '', , pgrp] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return Number(pgrp) === group && !'ZX'.includes(state)
  } catch {
    return false
  }
}

const bin = 'packages/cli/bin/mica.mjs'

test.concurrent('npx mica works from the root of the repository', async () => {
  const { code, out, err } = await ended(
    start('npx', ['mica', 'check', 'apps/demos/video-moderation/pipeline.mica'], scratch.path('npx')),
  )
  expect(code).toBe(0)
  expect(out).toContain('workflow video_moderation')
  expect(err.replace(/^npm warn .*\n/gm, '')).toBe('')
})

test.concurrent.each(['elasticlave.mica', '../policies/elasticlave.mica'])(
  'a policy is checked with its imports from its own folder, below the root of its package: %s',
  async (file) => {
    const folder = new URL('apps/demos/policies/', root)
    const command = fileURLToPath(new URL(bin, root))
    const { code, err } = await ended(
      // As without npx, which tells where its user stands.
      startIn(folder, 'node', [command, 'check', file], scratch.path('below'), { npm_command: undefined }),
    )
    expect({ code, err }).toEqual({ code: 0, err: '' })
  },
)

test.concurrent('a reader that stops reading is no error', async () => {
  const child = start('node', [bin, '--help'], scratch.path('closed'))
  child.stdout!.destroy()
  expect(await ended(child)).toMatchObject({ code: 0, err: '' })
})

test.concurrent('a mistake of our own is one line, and a stack with --debug', async () => {
  // A module that is loaded before the command takes something away that the command cannot do without.
  const sabotage = scratch.write(
    'sabotage.mjs',
    'String.prototype.padEnd = () => { throw new TypeError("sabotaged") }\n',
  )
  const call = (...more: string[]): Promise<Ended> =>
    ended(start('node', [bin, '--help', ...more], scratch.path('debug'), { NODE_OPTIONS: `--import ${sabotage}` }))
  const [plain, debug] = await Promise.all([call(), call('--debug')])
  expect([plain.code, debug.code]).toEqual([2, 2])
  expect(plain.err).toMatch(/^error: sabotaged\n {2}help: .*--debug.*\n$/)
  expect(debug.err).toMatch(/^error: TypeError: sabotaged\n +at /)
})

describe.concurrent('Ctrl-C in the middle of a run leaves no process, no output and nothing in the temporary directory', () => {
  test.each([
    // By then the images are built, three threads run, and data is on its way.
    ['as a terminal sends it, to the whole process group', 'the key is released', (pid: number) => -pid],
    // By then the bundler has just done its work, and the machine boots.
    ['sent to the mica process alone', 'measured before there is a machine', (pid: number) => pid],
  ])('%s', async (how, moment, target) => {
    const [tmp, output] = [scratch.path(`tmp ${how}`), scratch.path(`${how}.avi`)]
    const child = start('node', [bin, 'run', PIPELINE, '--input', LONG_CLIP, '--output', output], tmp)
    let interrupted = false
    const { code, out } = await ended(child, (text) => {
      if (interrupted || !text.includes(moment)) return
      interrupted = true
      process.kill(target(child.pid!), 'SIGINT')
    })
    expect(interrupted).toBe(true)
    expect(code).toBe(130)
    expect(out).not.toContain('counted from the event trace')
    await vi.waitFor(() => expect(isAlive(child.pid!)).toBe(false), 10_000)
    expect(existsSync(output)).toBe(false)
    expect(readdirSync(tmp)).toEqual([])
  })
})
