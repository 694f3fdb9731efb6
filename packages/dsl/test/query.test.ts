import { parseQuery } from '@mica/dsl'
import { expect, test } from 'vitest'

test('a question names two ends, and what to leave out or to assume', () => {
  expect(parseQuery('raw -> host')).toEqual({
    kind: 'query',
    query: { from: 'raw', to: 'host', except: [], confined: [] },
  })
  expect(parseQuery(' a-b->c  except via d , e assuming f-1, g confined ')).toEqual({
    kind: 'query',
    query: { from: 'a-b', to: 'c', except: ['d', 'e'], confined: ['f-1', 'g'] },
  })
})

test.each([
  ['raw', '`raw` is no question'],
  ['a -> b -> c', '`a -> b -> c` is no question'],
  ['a <- b', '`a <- b` is no question'],
  ['a -> b except c', '`a -> b except c` is no question'],
  ['', '`` is no question'],
  ['a -> b except via b', '`b` is an end of the path and cannot lie on its way'],
])('%j is none', (text, reason) => {
  expect(parseQuery(text)).toEqual({ kind: 'malformed', reason })
})

test('a long text is answered, not pondered until the test runs out of time', () => {
  const texts = [`a -> b except via ${'c, '.repeat(20_000)}`, 'a'.repeat(100_000), `a -> b${' '.repeat(20_000)}x`]
  expect(texts.map((text) => parseQuery(text).kind)).toEqual(['malformed', 'malformed', 'malformed'])
})
