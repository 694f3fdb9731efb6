import { expect, test } from 'vitest'
import { mutantsOf } from '../../mutation/mutants.ts'

const changes = (source: string): readonly string[] =>
  mutantsOf(source).map(({ line, from, to }) => `${line}: ${from} -> ${to}`)

test('each comparison is turned round, and moved by one where it has an edge', () => {
  expect(changes('const x = (a) === b\nconst y = c < d')).toEqual(['1: === -> !==', '2: < -> >=', '2: < -> <='])
})

test('of each connective either side is left alone', () => {
  expect(changes('const x = a && b\nconst y = c ?? d')).toEqual([
    '1: a && b -> a',
    '1: a && b -> b',
    '2: c ?? d -> c',
    '2: c ?? d -> d',
  ])
})

test('what is left of a connective stays one operand of what stands around it', () => {
  expect(mutantsOf('const x = (a ?? (b, c)) || d').map(({ text }) => text)).toContain('const x = ((b, c)) || d')
})

test('conditions that are no comparisons are turned round, and negations are not made', () => {
  expect(changes('const x = isOpen(a) ? b : !c')).toEqual(['1: isOpen(a) -> !(isOpen(a))', '1: !c -> c'])
})

test('what would end a function or a round on a condition does not', () => {
  const source = [
    'function f() {',
    '  for (const a of b) {',
    '    if (a) continue',
    '    if (b) { c = 1',
    '      return d }',
    '  }',
    '  return e',
    '}',
  ]
  const exits = changes(source.join('\n')).filter((change) => !/!\(/.test(change))
  expect(exits).toEqual(['3: continue -> {}', '4: c = 1 -> {}', '5: return d -> {}'])
})

test('an effect is not made', () => {
  expect(changes('memory.clear()\ncount++')).toEqual(['1: memory.clear() -> {}', '2: count++ -> {}'])
})

test('each answer of a command becomes another, and each refusal none', () => {
  const [success, refusal] = mutantsOf('const x = success(1, 2)\nconst y = refuse(1, f({ a: (b) }))')
  expect(success!.text).toContain(
    'const x = ((answer) => ({ ...answer, status: answer.status === 0 ? 1 : 0 }))(success(1, 2))',
  )
  expect(refusal).toMatchObject({ line: 2, from: 'refuse(1, f({ a: (b) }))', to: 'undefined' })
})

test('a truth value becomes the other one', () => {
  expect(changes('const f = () => true')).toEqual(['1: true -> false'])
})

test('text, comments, arrows, types and definitions are left alone', () => {
  const source = [
    "const a = 'x === y' // b === c",
    '/* d < e */',
    'const f = (g: Map<string, true>): g is h => g as true',
    'export function success(...out: number[]): RmiResult {}',
    'const i = state.answer(1)',
  ].join('\n')
  expect(changes(source)).toEqual([])
})

test('a mutant is the whole file with that change in its place, and lies in what is run', () => {
  const source = 'const x = a < b\nconst y = a === b && !c'
  for (const { from, to, text, host } of mutantsOf(source)) {
    const changed = source.slice(host.start, host.end)
    const end = text.length - (source.length - host.end)
    expect(source.slice(0, host.start)).toBe(text.slice(0, host.start))
    expect(text.slice(host.start, end).replace(/[()]/g, '')).toBe(changed.replace(from, to))
  }
})
