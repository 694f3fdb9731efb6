import { expect, test } from 'vitest'
import { changed } from '../src/text-change.ts'

test('changes in any order make one text, and every place knows where it went', () => {
  const { text, moved } = changed('one two three', [
    { offset: 8, length: 5, text: '3' },
    { offset: 0, length: 3, text: 'eins' },
    { offset: 4, length: 0, text: 'und ' },
  ])
  expect(text).toBe('eins und two 3')
  expect([0, 3, 4, 8, 13].map(moved)).toEqual([0, 4, 5, 13, 14])
})
