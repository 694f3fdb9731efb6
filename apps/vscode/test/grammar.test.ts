import { readFileSync } from 'node:fs'
import { words } from '@mica/dsl'
import { expect, test } from 'vitest'

interface Pattern {
  readonly name?: string
  readonly match?: string
  readonly begin?: string
}

const grammar: { readonly repository: Readonly<Record<string, { readonly patterns: readonly Pattern[] }>> } =
  JSON.parse(readFileSync(new URL('../syntaxes/mica.tmLanguage.json', import.meta.url), 'utf8'))
const patterns = (part: string): readonly Pattern[] => grammar.repository[part]!.patterns

/** The name that the first fitting pattern of a part gives to the beginning of a text. */
const named = (part: string, text: string): string | undefined =>
  patterns(part).find(({ match = '', begin }) => new RegExp(`^(?:${begin ?? match})`).test(text))?.name

/** Words that the language has only in their places, and not among its tokens. */
const PLACED = 'protected unprotected allow scrub block call exception interrupt'.split(' ')

test('every word of the language is coloured, and no other', () => {
  const coloured = patterns('words').flatMap(({ match = '' }) => /\(\?:([\w|]+)\)/.exec(match)?.[1]?.split('|') ?? [])
  expect(coloured.sort()).toEqual([...words, ...PLACED].sort())
})

test('a word inside a longer name is none', () => {
  for (const text of ['peers', 'peer-1', 'peer_x']) expect(named('words', text)).toBe(undefined)
})

test.each([
  ['comments', '/// documents', 'comment.line.documentation.mica'],
  ['comments', '//// does not', 'comment.line.double-slash.mica'],
  ['comments', '/* one', 'comment.block.mica'],
  ['literals', '"a \\" b" c', 'string.quoted.double.mica'],
  ['literals', 'sha256:00ff', 'constant.other.digest.mica'],
  ['literals', '0x1000_0000', 'constant.numeric.mica'],
  ['literals', '64 KiB', 'constant.numeric.mica'],
])('%s: `%s` is %s', (part, text, name) => {
  expect(named(part, text)).toBe(name)
})

test('every part that a pattern includes is there', () => {
  const { patterns: included } = grammar as unknown as { patterns: readonly { include: string }[] }
  expect(included.map(({ include }) => include.slice(1)).sort()).toEqual(Object.keys(grammar.repository).sort())
})
