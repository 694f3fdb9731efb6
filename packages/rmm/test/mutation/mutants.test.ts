import { expect, test } from 'vitest'
import { mutantsOf } from '../../mutation/mutants.ts'

const changes = (source: string): readonly string[] =>
  mutantsOf(source).map(({ line, from, to }) => `${line}: ${from} -> ${to}`)

test('each comparison is turned round, and moved by one where it has an edge', () => {
  expect(changes('if (a === b) return\nif (c < d) return')).toEqual(['1: === -> !==', '2: < -> >=', '2: < -> <='])
})

test('each answer of a command becomes another, and each refusal none', () => {
  const [success, refusal] = mutantsOf('return success(1, 2)\nreturn refuse(1, f({ a: (b) }))')
  expect(success!.text).toContain(
    'return ((answer) => ({ ...answer, status: answer.status === 0 ? 1 : 0 }))(success(1, 2))',
  )
  expect(refusal).toMatchObject({ line: 2, from: 'refuse(1, f({ a: (b) }))', to: 'undefined' })
})

test('a truth value that is returned becomes the other one', () => {
  expect(changes('return true')).toEqual(['1: true -> false'])
})

test('text, comments, arrows, types and definitions are left alone', () => {
  const source = [
    "const a = 'x === y' // b === c",
    '/* d < e */',
    'const f = (g: Map<string, number>) => g',
    'export function success(...out: number[]): RmiResult {',
    'state.answer(1)',
  ].join('\n')
  expect(changes(source)).toEqual([])
})

test('a mutant differs from its source in that place alone', () => {
  const source = 'const x = a < b\nreturn a === b'
  for (const { text, from, to } of mutantsOf(source)) {
    expect(text.length - source.length).toBe(to.length - from.length)
  }
})
