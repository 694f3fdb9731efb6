import { assertionDigest } from '@mica/policy'
import { expect, test } from 'vitest'
import type { GroupExpectations } from '../../src/group/expectations.ts'
import { printExpectations, readExpectations } from '../../src/group/expectations-file.ts'
import { expectations, RIMS } from './pipeline.ts'

const read = (text: string) => readExpectations(text)
const file = { workflow: 'video_moderation', expectations }
const changed = (change: object): string => JSON.stringify({ ...JSON.parse(printExpectations(file)), ...change })
const reason = (text: string): string | undefined => {
  const reading = read(text)
  return reading.kind === 'refused' ? reading.reason : undefined
}

test('expectations that are written are read again', () => {
  expect(read(printExpectations(file))).toEqual({ kind: 'read', value: { ...file, expectations: { ...expectations } } })
  const more: GroupExpectations = {
    peers: new Map([['a', [RIMS['gate']!, new Uint8Array(64).fill(9)]]]),
    assertions: [
      { property: { kind: 'never-reaches', from: 'a', to: 'host', except: ['b'] }, confined: ['c'] },
      { property: { kind: 'reaches', from: 'a', to: 'b' }, confined: [] },
      { property: { kind: 'isolated', a: 'a', b: 'b', except: [] }, confined: [] },
      { property: { kind: 'closed' }, confined: [] },
      { property: { kind: 'gateways-are', names: [] }, confined: [] },
      { property: { kind: 'quiet', peer: 'a' }, confined: [] },
    ],
    present: ['a'],
    closed: false,
  }
  const again = read(printExpectations({ workflow: 'w', expectations: more }))
  if (again.kind === 'refused') throw new Error(again.reason)
  expect(again.value.expectations).toEqual({ ...more, active: undefined })
  expect(assertionDigest(again.value.expectations.assertions)).toEqual(assertionDigest(more.assertions))
})

test('a file that might ask for more than is understood is refused', () => {
  expect(reason(changed({ presnt: 'all' }))).toBe('there is no member `presnt`')
  expect(reason(changed({ assertions: [{ kind: 'reaches', from: 'a', to: 'b', via: ['c'] }] }))).toMatch(/assertions/)
  expect(reason(changed({ assertions: [{ kind: 'reaches-not', from: 'a', to: 'b' }] }))).toMatch(/assertions/)
})

test('what is missing or of another kind is refused, and named', () => {
  expect(reason('nonsense')).toMatch(/JSON object/)
  expect(reason(changed({ workflow: 1 }))).toMatch(/workflow/)
  expect(reason(changed({ peers: { gate: ['sha256:00'] } }))).toMatch(/peers/)
  expect(reason(changed({ peers: { gate: [`sha512:${'00'.repeat(32)}`] } }))).toMatch(/peers/)
  expect(reason(changed({ peers: undefined }))).toMatch(/peers/)
  expect(reason(changed({ assertions: undefined }))).toMatch(/assertions/)
  expect(reason(changed({ assertions: [{ kind: 'reaches', from: 'a' }] }))).toMatch(/assertions/)
  expect(reason(changed({ present: 'some' }))).toMatch(/present/)
  expect(reason(changed({ active: [1] }))).toMatch(/active/)
  expect(reason(changed({ closed: 'yes' }))).toMatch(/closed/)
})
