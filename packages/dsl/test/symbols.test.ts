import { check } from '@mica/dsl'
import { expect, test } from 'vitest'

const SOURCE = `let FRAME = 64 KiB
/// Who answers.
peer box image "box.ts"
pattern pair(user, size) {
  /// There.
  channel to user -> box size
  assert to reaches box
}
workflow w {
  peer gate image "gate.ts"
  use pair(gate, FRAME) as s1
  use pair(gate, 4 KiB) as s2
  channel svc gate <-> each any(2) FRAME
  assert s1_to reaches box
  assert svc_2 reaches gate assuming svc_1 confined
}`
const { symbols } = check(SOURCE, { file: 'w.mica' })

/** A symbol as `line:column` of each of its uses. */
function uses(name: string): string[] {
  const found = symbols.filter((symbol) => symbol.name === name)
  expect(found).toHaveLength(1)
  return found.flatMap((symbol) => symbol.uses.map(({ line, column }) => `${line}:${column}`))
}

test('every declared name is a symbol, with its kind, doc comment and place', () => {
  expect(symbols.map(({ kind, name, within }) => [kind, name, within])).toEqual([
    ['constant', 'FRAME', undefined],
    ['peer', 'box', undefined],
    ['pattern', 'pair', undefined],
    ['parameter', 'user', 'pair'],
    ['parameter', 'size', 'pair'],
    ['channel', 'to', 'pair'],
    ['workflow', 'w', undefined],
    ['peer', 'gate', 'w'],
    ['instance', 's1', 'w'],
    ['instance', 's2', 'w'],
    ['channel', 'svc', 'w'],
  ])
  expect(symbols[1]).toMatchObject({ docs: ['Who answers.'], declaration: { line: 3, column: 6 }, item: { line: 3 } })
  for (const { name, declaration, uses: places } of symbols) {
    for (const { offset, length } of [declaration, ...places]) expect(SOURCE.slice(offset, offset + length)).toBe(name)
  }
})

test('a use is found wherever it stands, in parts where a name has parts', () => {
  expect(uses('box')).toEqual(['6:22', '7:21', '14:24'])
  expect(uses('user')).toEqual(['6:14'])
  expect(uses('FRAME')).toEqual(['11:18', '13:36'])
  expect(uses('s1')).toEqual(['14:10'])
  expect(uses('to')).toEqual(['7:10', '14:13'])
  expect(uses('svc')).toEqual(['15:10', '15:38'])
  expect(uses('pair')).toEqual(['11:7', '12:7'])
})

test('a symbol says what became of it', () => {
  const elaborated = (name: string): readonly string[] | undefined =>
    symbols.find((symbol) => symbol.name === name)?.elaborated
  expect(elaborated('to')).toEqual(['s1_to', 's2_to'])
  expect(elaborated('svc')).toEqual(['svc_1', 'svc_2'])
  expect(elaborated('gate')).toEqual(['gate'])
})

test('exchanging all places of a symbol renames it and changes nothing else', () => {
  for (const { name, declaration, uses: places } of symbols) {
    const backwards = [declaration, ...places].sort((a, b) => b.offset - a.offset)
    const renamed = backwards.reduce(
      (text, { offset, length }) => `${text.slice(0, offset)}renamed${text.slice(offset + length)}`,
      SOURCE,
    )
    const { workflow, diagnostics } = check(renamed, { file: 'w.mica' })
    expect(
      diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
      name,
    ).toEqual([])
    expect(workflow?.memories).toHaveLength(4)
  }
})

test('a file with mistakes has the symbols that can be read', () => {
  const broken = check('workflow w { peer a imge "x" channel c a -> b 4 KiB }', { file: 'w.mica' })
  expect(broken.symbols.map(({ name, uses: places }) => [name, places.length])).toEqual([
    ['w', 0],
    ['a', 1],
    ['c', 0],
  ])
})
