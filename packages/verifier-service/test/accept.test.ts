import { expect, test } from 'vitest'
import { acceptedRange } from '../src/accept.ts'
import { EVIDENCE_TYPES, evidenceFormOf, parseMediaType } from '../src/media-types.ts'

const TYPE = 'application/vnd.x+json'
const accepts = (header: string | undefined): boolean => acceptedRange(header, TYPE) !== undefined

test('without a header, and with an empty one, everything is accepted', () => {
  expect([undefined, '', ' , '].map(accepts)).toEqual([true, true, true])
})

test('the most specific range decides, and a weight of zero is a refusal', () => {
  expect(accepts(`${TYPE};q=0, */*`)).toBe(false)
  expect(accepts('application/*;q=0, */*')).toBe(false)
  expect(accepts(`*/*;q=0, ${TYPE};q=0.001`)).toBe(true)
  expect(accepts('text/html, application/json;q=0.9')).toBe(false)
  expect(accepts('Application/VND.X+JSON')).toBe(true)
})

test('parameters of the range are the client’s, and a comma within quotes separates nothing', () => {
  expect(acceptedRange(`text/html;a="b, ${TYPE}"`, TYPE)).toBeUndefined()
  expect(acceptedRange(`text/html;a="\\", c", ${TYPE}; ear="draft-04"`, TYPE)?.params.get('ear')).toBe('draft-04')
})

test('a header of any length and shape is looked at in no time', () => {
  const started = performance.now()
  for (const text of ['"'.repeat(16_000), ',"\\'.repeat(5000), 'a/b;'.repeat(4000), '*/*,'.repeat(4000)]) accepts(text)
  expect(performance.now() - started).toBeLessThan(200)
})

test('every type that is offered is one that is read', () => {
  for (const type of EVIDENCE_TYPES) expect([type, evidenceFormOf(parseMediaType(type)!)]).not.toContain(undefined)
})
