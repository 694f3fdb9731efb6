import { reservedWords, words } from '@mica/dsl'
import { expect, test } from 'vitest'
import { MEMORY_KINDS, TRANSITION_ACTIONS, TRANSITION_CLASSES, UNITS, VOCABULARY } from '../src/vocabulary.ts'

test('every word of the language is explained, and no other', () => {
  const all = [...words, ...UNITS, ...MEMORY_KINDS, ...TRANSITION_ACTIONS, ...TRANSITION_CLASSES]
  expect([...VOCABULARY.keys()].sort()).toEqual([...new Set(all)].sort())
  expect([...reservedWords].every((word) => VOCABULARY.has(word))).toBe(true)
})
