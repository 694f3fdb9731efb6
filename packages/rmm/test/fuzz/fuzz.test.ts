import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildRealm } from '../../fuzz/build-realm.ts'
import { SeededChooser } from '../../fuzz/chooser.ts'
import { fuzzCommand } from '../../fuzz/command.ts'
import { FuzzWorld } from '../../fuzz/fuzz-world.ts'
import { Pools } from '../../fuzz/pools.ts'
import { fuzz, type Progress, replaySteps } from '../../fuzz/run.ts'
import { shrink } from '../../fuzz/shrink.ts'
import type { FuzzTrace, Step } from '../../fuzz/step.ts'
import { GranuleTracker } from '../../src/granule/tracker.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fuzz-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function run(...args: string[]): readonly [code: number, lines: readonly string[]] {
  const lines: string[] = []
  return [fuzzCommand(args, folder, (line) => lines.push(line)), lines]
}

/** Fuzzes for a number of decisions to go on, and says how that went. */
function fuzzFor(turns: number, seed: number): Progress {
  const progress: Progress = { calls: 0, machines: 0, seen: new Set() }
  let left = turns
  expect(fuzz(seed, () => left-- <= 0, progress)).toBeUndefined()
  return progress
}

test('the same seed makes the same calls, another one others', () => {
  expect(fuzzFor(25, 7)).toEqual(fuzzFor(25, 7))
  expect(fuzzFor(25, 7)).not.toEqual(fuzzFor(25, 8))
})

/** Runs with a monitor one part of which is broken. */
function withBroken<T>(method: 'zero' | 'move', broken: () => void, body: () => T): T {
  const whole = GranuleTracker.prototype[method]
  Object.assign(GranuleTracker.prototype, { [method]: broken })
  try {
    return body()
  } finally {
    Object.assign(GranuleTracker.prototype, { [method]: whole })
  }
}

test('a monitor that throws is found out at once, and a file is left to do it again', () => {
  const fall = () => {
    throw new Error('the monitor fell')
  }
  const [code, lines] = withBroken('move', fall, () => run('--seconds', '20', '--seed', '5'))
  expect(code).toBe(1)
  expect(lines.slice(0, 2).join()).toMatch(
    /^fuzz: seed 5, after \d+ steps on machine 0: threw .*the monitor fell.*in 1 steps: threw /s,
  )
  expect(lines.at(-1)).toBe('again: npm run fuzz -- --replay fuzz-5.json')
  expect(withBroken('move', fall, () => run('--replay', 'fuzz-5.json'))[0]).toBe(1)
  expect(run('--replay', 'fuzz-5.json')).toEqual([0, ['fuzz: nothing went wrong']])
})

/** A Realm is built, and its second page taken away. */
function longTrace(): FuzzTrace {
  const options = { mica: false, dramSize: 0x10_0000 }
  const world = new FuzzWorld(options)
  const steps: Step[] = []
  const perform = (step: Step) => {
    steps.push(step)
    expect(world.run(step, { state: false, invariants: false })).toBeUndefined()
  }
  const chooser = new SeededChooser(1)
  for (const step of buildRealm(chooser, new Pools(chooser, world))) perform(step)
  const [rd] = world.model.all('rd')
  perform({ x: ['0xc4000155', `0x${rd!.toString(16)}`, '0x0'] })
  return { ...options, steps }
}

test('of a long sequence that a forgetful monitor does not survive, the few steps that it takes are left', () => {
  const trace = longTrace()
  const shrunk = withBroken(
    'zero',
    () => {},
    () => shrink({ trace, problem: 'not zero' }, () => false),
  )
  expect(shrunk.problem).toMatch(/is delegated, not zero/)
  expect(trace.steps.length).toBeGreaterThan(50)
  expect(shrunk.trace.steps.length).toBeLessThan(20)
  expect(shrunk.trace.steps.at(-1)).toEqual(trace.steps.at(-1))
})

test('shrinking leaves what does not go wrong as it is', () => {
  const failure = {
    trace: { mica: false, dramSize: 4096, steps: [{ x: ['0xc4000150', '0x10000'] }] },
    problem: 'imagined',
  }
  expect(replaySteps(failure.trace)).toBeUndefined()
  expect(shrink(failure, () => false)).toBe(failure)
})

test('a world counts every command with every status', () => {
  const world = new FuzzWorld({ mica: false, dramSize: 4096 })
  const step = { x: ['0xc4000151', '0x80000000'] }
  for (let i = 0; i < 2; i++) expect(world.run(step, { state: true, invariants: true })).toBeUndefined()
  expect([...world.coverage]).toEqual([
    ['RMI_GRANULE_DELEGATE RMI_SUCCESS', 1],
    ['RMI_GRANULE_DELEGATE RMI_ERROR_INPUT', 1],
  ])
})

test.each([
  ['--seconds', '-1'],
  ['--seconds', 'x'],
  ['--seed', '1.5'],
  ['--what'],
  ['--replay', 'absent.json'],
  ['file'],
])('a wrong call says so and ends with 2: %s %s', (...args) => {
  const [code, lines] = run(...args.filter((arg) => arg !== undefined))
  expect(code).toBe(2)
  expect(lines[0]).toMatch(/^fuzz: /)
})

test.each([
  ['no JSON', '{', /JSON/],
  ['another thing', '{}', /mica is missing/],
  ['steps that are none', '{"mica": true, "dramSize": 4096, "steps": [{"x": ["1"]}]}', /steps\[0\]\.x\[0\] is "1"/],
  [
    'an action that is none',
    '{"mica": true, "dramSize": 4096, "steps": [{"x": [], "program": ["dance"]}]}',
    /program\[0\] is no action/,
  ],
])('a trace file with %s is refused with one line', (_, content, said) => {
  writeFileSync(join(folder, 'trace.json'), content)
  const [code, lines] = run('--replay', 'trace.json')
  expect(code).toBe(2)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(said)
})

test('help says how to call it, and nothing is left behind by a run without failure', () => {
  expect(run('--help')[0]).toBe(0)
  expect(run('--seconds', '0.05', '--seed', '1')[0]).toBe(0)
  expect(readdirSync(folder)).not.toContain('fuzz-1.json')
})
