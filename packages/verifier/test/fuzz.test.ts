import { expect, test } from 'vitest'
import { corpus } from '../fuzz/corpus.ts'
import { Dice, mutated } from '../fuzz/mutate.ts'
import { fuzz } from '../fuzz/run.ts'
import { evidenceSubject, subjects } from '../fuzz/subjects.ts'

const specimens = corpus()

test('the evidence that is mutated is good', () => {
  expect(specimens.map(({ evidence, judge }) => judge(evidence, 'first').kind)).toEqual(specimens.map(() => 'accepted'))
  expect(specimens).toHaveLength(8)
})

test('and so are the manifests', () => {
  const all = subjects()
  expect(all.map(({ bytes, accepts }) => accepts(bytes, 'first'))).toEqual(all.map(() => true))
  expect(all.filter(({ isVouchedFor }) => !isVouchedFor).length).toBeGreaterThan(1)
})

test('mutants are rejected without a throw where everything is signed, and none of them takes for ever', () => {
  // How long one may really take is for the fuzzer itself to measure, on a machine that does nothing else.
  const { failures, accepted } = fuzz(subjects(), 600, 7, 5000)
  expect(failures).toEqual([])
  // A digest that nobody signed may be another one.
  expect(accepted).toBeGreaterThan(0)
})

test('an accepted mutant, one that throws and one that takes long are found', () => {
  const [specimen] = specimens
  const whats = (judge: (typeof specimens)[number]['judge']): readonly string[] =>
    fuzz([evidenceSubject({ ...specimen!, judge })], 1, 1, 50).failures.map(({ what }) => what)
  expect(whats(() => specimen!.judge(specimen!.evidence, 'first'))).toEqual(['accepted'])
  expect(
    whats(() => {
      throw new Error('no')
    }),
  ).toEqual(['thrown: Error: no'])
  expect(
    whats((evidence) => {
      const start = process.cpuUsage()
      while (process.cpuUsage(start).user < 55_000);
      return specimen!.judge(evidence, 'first')
    }),
  ).toEqual([expect.stringMatching(/^\d+ ms$/)])
})

test('a mutant differs in one to eight bytes from what it was made of, and the seed says which', () => {
  const bytes = new Uint8Array(1000)
  const differing = new Set<number>()
  for (let seed = 0; seed < 100; seed++) {
    const mutant = mutated(bytes, new Dice(seed))
    expect(mutated(bytes, new Dice(seed))).toEqual(mutant)
    differing.add(mutant.filter((byte) => byte !== 0).length)
  }
  expect([...differing].toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})
