import { check, type Diagnostic } from '@mica/dsl'
import { expect, test } from 'vitest'

const positions = (diagnostics: readonly Diagnostic[]): string[] =>
  diagnostics.map(({ code, span }) => `${span.line}:${span.column} ${code}`)

test('every mistake of a file is reported where it is', () => {
  const source = [
    'workflow w {',
    '  peer gate imge "gate.ts"',
    '  peer box image "box.ts"',
    '\tchannel a gate -> bx 4 KiB',
    '  channel b gate -> box 4',
    '  chanel c box -> gate 4 KiB',
    '  memory m protected 5000 B { box: read }',
    '  transition box { call nope: allow }',
    '  assert a reaches nobody',
    '  assert a reach host',
    '}',
  ].join('\r\n')
  expect(positions(check(source, { file: 'w.mica' }).diagnostics)).toEqual([
    '2:13 MICA1101',
    '4:20 MICA1201',
    '5:25 MICA1302',
    '6:3 MICA1101',
    '7:22 MICA1304',
    '8:25 MICA1603',
    '9:20 MICA1201',
    '10:12 MICA1101',
  ])
})

test('one mistake does not echo: what was declared in a broken item is known elsewhere', () => {
  const source =
    'workflow w { peer a imag "a.ts" peer b image "b.ts" channel c a -> b 4 KiB oops channel d b -> 4 KiB assert d reaches a }'
  const { diagnostics } = check(source, { file: 'w.mica' })
  expect(diagnostics.map((diagnostic) => diagnostic.message)).toEqual([
    'expected an item or `}`, found `imag`',
    'expected an item or `}`, found `oops`',
    'expected a peer, `host`, `any` or a list in parentheses, found `4`',
  ])
})

test('a file with a mistake has no workflow', () => {
  expect(check('workflow w { peer }', { file: 'w.mica' }).workflow).toBeUndefined()
  expect(check('workflow w { peer a }', { file: 'w.mica' }).workflow?.peers).toHaveLength(1)
})

test.each([
  ['pattern p { channel c a -> b 4 KiB }\nworkflow w {}', ['1:11 MICA1101']],
  ['worfklow w { peer a image "x" }', ['1:1 MICA1101']],
  ['workflow w { pattern p(a) { } peer a image "x" }', ['1:14 MICA1101']],
  ['policy p for { peer a image "x" channel c a -> b 4 KiB }', ['1:14 MICA1101']],
  ['imprt "x"\nlet A = 4 KiB\nworkflow w { version A }', ['1:1 MICA1101', '3:22 MICA1307']],
])(
  'a mistake where a block begins is one mistake, and what is in the block is not taken for something else: %s',
  (source, expected) => {
    expect(positions(check(source, { file: 'w.mica' }).diagnostics)).toEqual(expected)
  },
)
