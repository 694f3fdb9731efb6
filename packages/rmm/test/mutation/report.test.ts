import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EQUIVALENT } from '../../mutation/equivalent.ts'
import { mutantsOf } from '../../mutation/mutants.ts'
import { explains, Report } from '../../mutation/report.ts'
import type { Outcome } from '../../mutation/trial.ts'

const [mutant] = mutantsOf('const x = a < b')
const caught: Outcome = { mutant: mutant!, fate: 'caught', by: 'a test' }
const survivor: Outcome = { mutant: mutant!, fate: 'survives' }

function reportOf(...outcomes: readonly Outcome[]): Report {
  const report = new Report()
  for (const outcome of outcomes) report.add('rmm/src/x.ts', outcome)
  return report
}

test('what no test notices is listed with its line, and counted', () => {
  const report = reportOf(caught, survivor, { ...survivor, fate: 'never run' }, { ...caught, fate: 'hangs' })
  expect(report.ofFile('rmm/src/x.ts').split('\n')).toEqual([
    'rmm/src/x.ts:1: `<` as `>=` survives',
    'rmm/src/x.ts:1: `<` as `>=` never run',
    'rmm/src/x.ts: 2 of 4 caught',
  ])
  expect(report.conclusion).toBe('2 of 4 mistakes caught: 50.0 %; 2 not explained')
})

test('nine tenths caught is not enough while one survivor is not explained', () => {
  expect(reportOf(...Array(9).fill(caught)).isGood).toBe(true)
  expect(reportOf(...Array(99).fill(caught), survivor).isGood).toBe(false)
})

test('every explanation is of a mistake that can be made, and no mistake is explained twice', () => {
  for (const entry of EQUIVALENT) {
    const source = readFileSync(new URL(`../../../${entry.file}`, import.meta.url), 'utf8')
    const about = mutantsOf(source).filter((mutant) => explains(entry, entry.file, mutant))
    expect(about.length, `${entry.file}: ${entry.line}`).toBeGreaterThan(0)
  }
  const keys = EQUIVALENT.map(({ file, line, from, to }) => `${file} ${line} ${from} ${to}`)
  expect(new Set(keys).size).toBe(keys.length)
})
