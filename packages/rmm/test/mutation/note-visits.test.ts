import { runInThisContext } from 'node:vm'
import { afterEach, expect, test } from 'vitest'
import { mutantsOf } from '../../mutation/mutants.ts'
import { noteVisits } from '../../mutation/note-visits.ts'

afterEach(() => {
  globalThis.visitedPlaces = undefined
})

const SOURCE = `function f(a) {
  if (a > 2 && !(a > 5)) return 'some'
  const log = []
  log.push(a)
  return log
}`

/** What a function says of an argument, and which of its places it runs for that, as they are reported. */
function visit(argument: number): { readonly result: unknown; readonly places: readonly string[] } {
  const mutants = mutantsOf(SOURCE)
  globalThis.visitedPlaces = new Set()
  const result = runInThisContext(`(${noteVisits(SOURCE, mutants, 100)})`)(argument)
  return { result, places: Array.from(globalThis.visitedPlaces, (place) => mutants[place - 100]!.from) }
}

test('a source that takes note of its places does what it did', () => {
  expect([1, 3, 7].map((argument) => visit(argument).result)).toEqual([[1], 'some', [7]])
})

test('places are noted when they are run, those inside others too', () => {
  const whole = 'a > 2 && !(a > 5)'
  expect(visit(1).places).toEqual([whole, whole, '>', '>', 'log.push(a)'])
  expect(visit(3).places).toEqual([whole, whole, '>', '>', '!(a > 5)', '>', '>', "return 'some'"])
})
