import { expect, test } from 'vitest'
import { overallStatus, rejectedSubmodules, submodule } from '../../src/appraisal/submodule.ts'
import { TRUST_CATEGORIES, tierOf, uniformVector, worstTier } from '../../src/appraisal/trust-vector.ts'
import { type FindingName, finding } from '../../src/findings.ts'

test('the tiers of AR4SI begin where it says, on both sides of zero', () => {
  const begins = Array.from({ length: 256 }, (_, i) => i - 128)
    .filter((value) => value === -128 || tierOf(value) !== tierOf(value - 1))
    .map((value) => [value, tierOf(value)])
  expect(begins).toEqual([
    [-128, 'contraindicated'],
    [-96, 'warning'],
    [-32, 'affirming'],
    [-1, 'none'],
    [2, 'affirming'],
    [32, 'warning'],
    [96, 'contraindicated'],
  ])
})

test('a vector is as good as its worst value, in whatever category that stands', () => {
  for (const category of TRUST_CATEGORIES) {
    expect(worstTier({ ...uniformVector(2), [category]: 33 })).toBe('warning')
    expect(worstTier({ ...uniformVector(33), [category]: -97 })).toBe('contraindicated')
  }
  expect(worstTier(uniformVector(0))).toBe('none')
})

test('a part that makes no claim in its essential category is not affirming, however good the rest', () => {
  const vector = { ...uniformVector(2), executables: 0 }
  expect(submodule('a', vector, 'executables', []).status).toBe('none')
  expect(submodule('a', vector, 'hardware', []).status).toBe('affirming')
  expect(submodule('a', { ...vector, hardware: 32 }, 'executables', []).status).toBe('warning')
})

test('parts together are as good as the worst; what is not known is worse than what is affirmed', () => {
  const part = (value: number) => submodule('a', uniformVector(value), 'executables', [])
  expect(overallStatus([part(2), part(2)])).toBe('affirming')
  expect(overallStatus([part(2), part(0)])).toBe('none')
  expect(overallStatus([part(32), part(0)])).toBe('warning')
  expect(overallStatus([part(32), part(96), part(2)])).toBe('contraindicated')
  expect(overallStatus([])).toBe('none')
})

test('whatever evidence is rejected for, some part of its result is a warning or contraindicated', () => {
  const good = ['platform', 'realm'].map((name) => submodule(name, uniformVector(2), 'executables', []))
  const rejected = (name: FindingName, claim?: string) => rejectedSubmodules(good, [finding(name, 'why', { claim })])
  expect(rejected('binding')).toMatchObject([{ name: 'ARM_CCA', status: 'contraindicated', vector: { hardware: 99 } }])
  expect(rejected('digest-length', 'realm 44236').map(({ status }) => status)).toEqual(['affirming', 'contraindicated'])
  expect(rejected('lifecycle', 'platform 2395').map(({ status }) => status)).toEqual(['contraindicated', 'affirming'])
  expect(rejectedSubmodules([], [finding('malformed', 'why')])).toMatchObject([
    { name: 'ARM_CCA', status: 'contraindicated', vector: { hardware: 1 }, problem: 'malformed: why' },
  ])
})
