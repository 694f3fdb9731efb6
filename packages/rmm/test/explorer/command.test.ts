import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exploreCommand } from '../../explorer/command.ts'
import { GranuleTracker } from '../../src/granule/tracker.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'explore-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function run(...args: string[]): readonly [code: number, lines: readonly string[]] {
  const lines: string[] = []
  return [exploreCommand(args, folder, (line) => lines.push(line)), lines]
}

test('an exploration says how far it came, what it saw and how fast, and that it found nothing', () => {
  const [code, lines] = run('--scenario', 'windows', '--depth', '2')
  expect(code).toBe(0)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(
    /^windows: to depth 2, \d+ states, \d+ transitions \(\d+ of \d+ actions succeed somewhere\), \d+ states\/s, none found$/,
  )
  expect(readdirSync(folder)).toEqual([])
})

test('results are one array of JSON if asked for', () => {
  const [code, [json = '']] = run('--scenario', 'windows', '--depth', '1', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(json)).toMatchObject([{ scenario: 'windows', depth: 1, complete: false }])
})

test('a broken law ends with the shortest way to it, and a file to do it again', () => {
  const { zero } = GranuleTracker.prototype
  Object.assign(GranuleTracker.prototype, { zero: () => {} })
  const [code, lines] = run('--scenario', 'bare')
  Object.assign(GranuleTracker.prototype, { zero })
  expect(code).toBe(1)
  expect(lines[0]).toMatch(/^bare: to depth 0, 1 states, .*, law 8: teardown gives 0x[0-9a-f]+ back with content$/)
  expect(lines.at(-1)).toBe('again: npm run explore -- --replay explore-bare.json')
  expect(run('--replay', 'explore-bare.json')).toEqual([0, ['explore: nothing went wrong']])
})

test.each([
  ['--depth', '-1'],
  ['--depth', '1.5'],
  ['--seconds', '0'],
  ['--scenario', 'elsewhere'],
  ['--what'],
  ['--replay', 'absent.json'],
  ['file'],
])('a wrong call says so and ends with 2: %s %s', (...args) => {
  const [code, lines] = run(...args.filter((arg) => arg !== undefined))
  expect(code).toBe(2)
  expect(lines[0]).toMatch(/^explore: /)
})

test.each([
  ['no JSON', '{', /JSON/],
  ['another thing', '{}', /scenario is missing/],
  ['a world that there is not', '{"scenario": "x", "actions": []}', /there is no scenario `x`/],
  ['what nobody can do', '{"scenario": "pair", "actions": ["left: DANCE"]}', /`left: DANCE` is no action of pair/],
])('a file with %s is refused with one line', (_, content, said) => {
  writeFileSync(join(folder, 'program.json'), content)
  const [code, lines] = run('--replay', 'program.json')
  expect(code).toBe(2)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(said)
})

test('help says how to call it', () => {
  expect(run('--help')[0]).toBe(0)
})
