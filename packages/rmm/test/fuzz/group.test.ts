import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Plant } from '../../explorer/stage.ts'
import { fuzzCommand } from '../../fuzz/command.ts'
import { fuzzGroup } from '../../fuzz/group.ts'
import { RSI_MICA_LEAVE } from '../../src/abi/index.ts'
import { GRANULE_STATE } from '../../src/granule/state.ts'
import { GranuleTracker } from '../../src/granule/tracker.ts'
import { type RsiCommand, rsiSuccess } from '../../src/rsi/result.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fuzz-group-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function run(...args: string[]): readonly [code: number, lines: readonly string[]] {
  const lines: string[] = []
  return [fuzzCommand(args, folder, (line) => lines.push(line)), lines]
}

test.each([2026, 2027, 2028, 2029])(
  'programs of a host and three Realms, whatever they do to each other, break no law: from seed %i',
  (seed) => {
    const result = fuzzGroup(seed, 60)
    expect(result).toMatchObject({ programs: 60 })
    // Nearly half of all that is done succeeds: a host that is always refused would show little.
    expect('actions' in result && result.succeeded / result.actions).toBeGreaterThan(0.4)
  },
)

test('the same seed makes the same programs', () => {
  expect(fuzzGroup(7, 5)).toEqual(fuzzGroup(7, 5))
  expect(fuzzGroup(7, 5)).not.toEqual(fuzzGroup(8, 5))
})

/** A Realm that leaves is told that it has left, and has not. */
const nobodyLeaves: Plant = ({ monitor: { extension } }) => {
  const commands = extension!.rsi as Map<number, RsiCommand>
  const leave = commands.get(Number(RSI_MICA_LEAVE))!
  commands.set(Number(RSI_MICA_LEAVE), (monitor, rec, x) =>
    rec.realm.policy === undefined ? leave(monitor, rec, x) : rsiSuccess(),
  )
}

test('of a program that breaks a law the few actions are left that it takes', () => {
  const result = fuzzGroup(1, 1000, { plant: nobodyLeaves })
  if (!('program' in result)) throw new Error('nothing was found')
  expect(result.problem).toMatch(/^law 4: /)
  // A granule for each page, mapped; the upload; and what does not happen.
  expect(result.program.length).toBeLessThanOrEqual(11)
  expect(result.program.at(-1)).toMatch(/^\w+: LEAVE \w+$/)
})

test('a law that is broken ends with a file to do it again', () => {
  const { zero } = GranuleTracker.prototype
  const forgets = function (this: GranuleTracker, granule: number) {
    if (this.state(granule) !== GRANULE_STATE.delegated) zero.call(this, granule)
  }
  Object.assign(GranuleTracker.prototype, { zero: forgets })
  const [code, lines] = run('--group', '--programs', '5', '--seed', '3')
  const [again] = run('--replay', 'fuzz-3.json')
  Object.assign(GranuleTracker.prototype, { zero })
  expect([code, again]).toEqual([1, 1])
  expect(lines[0]).toMatch(/^fuzz: seed 3, program 1: law 8: /)
  expect(JSON.parse(readFileSync(join(folder, 'fuzz-3.json'), 'utf8'))).toMatchObject({ scenario: 'group' })
  expect(run('--replay', 'fuzz-3.json')).toEqual([0, ['fuzz: nothing went wrong']])
})

test('a run says how many programs there were, and that no law was broken', () => {
  const [code, lines] = run('--group', '--programs', '3', '--seed', '1')
  expect(code).toBe(0)
  expect(lines[0]).toMatch(/^fuzz: seed 1, 3 programs, \d+ actions, \d+ successes, [\d.]+ s, no law broken$/)
  expect(run('--group', '--programs', 'x')[0]).toBe(2)
})
