import { type Expectation, expectedAt, parse } from '@mica/dsl'
import { expect, test } from 'vitest'

/** What may stand at `|`: words as they are, names as what they stand for. */
function expected(marked: string): string {
  const text = marked.replace('|', '')
  const { expectations } = expectedAt(parse(text, { file: 'a.mica' }), marked.indexOf('|'))
  return expectations.map((one: Expectation) => (one.kind === 'word' ? one.word : `<${one.role}>`)).join(' ')
}

const ITEMS = 'version trusted gateway open peer channel memory transition assert use'
const FILE_ITEMS = 'workflow policy import pattern let trusted gateway open peer'

test.each([
  ['|', FILE_ITEMS],
  ['workflow w { |', ITEMS],
  ['workflow w { peer a } |', FILE_ITEMS],
  ['workflow |', '<new>'],
  ['policy p for |', '<peer>'],
  ['let A = |', '<size>'],
  ['workflow w { channel c |', '<peer> host each any'],
  ['workflow w { channel c a |', '-> <->'],
  ['workflow w { channel c a -> b 4 |', '<unit> at paced'],
  ['workflow w { memory m |', '<memory-kind>'],
  ['workflow w { memory m protected 4 KiB { a: read |', 'read write execute owner at'],
  ['workflow w { transition a { |', '<transition-class>'],
  ['workflow w { transition a { call |', '<transition-id>'],
  ['workflow w { transition a { call x: |', '<transition-action>'],
  ['workflow w { assert |', 'acyclic closed isolated quiet gateways leakers <node> host'],
  ['workflow w { assert quiet |', '<peer> host'],
  ['workflow w { assert a reaches b only via |', '<node> host'],
  ['workflow w { use |', '<pattern>'],
  ['workflow w { use p(|', '<argument> host'],
])('at `%s` may stand %s', (text, words) => {
  expect(expected(text)).toBe(words)
})

test('the word that is being written does not count, mistakes in other items neither', () => {
  expect(expected('workflow w { ??? channel channel x { peer a image imag\n channel c a -> b|')).toBe(
    '<peer> host each any',
  )
})

test('on a line of its own another item may begin, whatever is missing before it', () => {
  expect(expected('workflow w {\n channel c a ->\n |')).toBe(`<peer> host each any ${ITEMS}`)
})

test('nothing may stand in a comment or a literal', () => {
  for (const text of ['// |', '/* | */', 'import "a|', 'let A = 4|', 'peer a rim sha256:0|'])
    expect(expected(text)).toBe('')
})
