import {
  complementRanges,
  FORCED,
  ID_SPACE,
  idsOfName,
  MEASURE,
  nameOfId,
  normalizeRanges,
  PHYSICAL_INTERRUPT,
  type Policy,
  transitionAction,
} from '@mica/policy'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const HOST_CALL = 0xc400_0199
const empty: Policy = {
  self: 0,
  peers: [
    { name: 'a', gateway: false, strict: true, rims: [] },
    { name: 'b', gateway: false, strict: true, rims: [] },
  ],
  memories: [],
  transitions: [],
}
const listing = (...transitions: Policy['transitions']): Policy => ({ ...empty, transitions })

test('what no policy lists is blocked, forced or a service', () => {
  expect(transitionAction(empty, 0, 'call', HOST_CALL)).toEqual({ action: 'block', rule: 'default' })
  expect(transitionAction(empty, 0, 'exception', 0x24)).toEqual({ action: 'block', rule: 'default' })
  expect(transitionAction(empty, 0, 'exception', 0x01)).toEqual({ action: 'scrub', rule: 'forced' })
  expect(transitionAction(empty, 0, 'exception', 0x2f)).toEqual({ action: 'scrub', rule: 'forced' })
  expect(transitionAction(empty, 0, 'interrupt', PHYSICAL_INTERRUPT)).toEqual({ action: 'scrub', rule: 'forced' })
  for (const psci of [0x8400_0001, 0xc400_0001, 0x8400_0008, 0x8400_0009]) {
    expect(transitionAction(empty, 0, 'call', psci)).toEqual({ action: 'scrub', rule: 'forced' })
  }
  for (const service of [0xc400_0194, 0xc400_01b1, 0xc400_0198, 0xc400_01b0]) {
    expect(transitionAction(empty, 0, 'call', service)).toEqual({ action: 'allow', rule: 'service' })
  }
  expect(transitionAction(empty, 0, 'call', MEASURE)).toEqual({ action: 'block', rule: 'service' })
})

test('a listed id has the listed action, for its own peer only', () => {
  const policy = listing({ peer: 0, class: 'call', action: 'allow', ranges: [[HOST_CALL, HOST_CALL]] })
  expect(transitionAction(policy, 0, 'call', HOST_CALL)).toEqual({ action: 'allow', rule: 'listed' })
  expect(transitionAction(policy, 1, 'call', HOST_CALL)).toEqual({ action: 'block', rule: 'default' })
  expect(transitionAction(policy, 0, 'exception', HOST_CALL)).toEqual({ action: 'block', rule: 'default' })
})

test('a scrubbed service is blocked, a listed one is what the policy says', () => {
  const all = (action: 'allow' | 'scrub' | 'block'): Policy =>
    listing({ peer: 0, class: 'call', action, ranges: [[MEASURE, MEASURE]] })
  expect(transitionAction(all('scrub'), 0, 'call', MEASURE)).toEqual({ action: 'block', rule: 'service' })
  expect(transitionAction(all('allow'), 0, 'call', MEASURE)).toEqual({ action: 'allow', rule: 'listed' })
})

test('the look-up is what a linear search finds', () => {
  const entry = fc.record({
    action: fc.constantFrom('allow' as const, 'scrub' as const, 'block' as const),
    gap: fc.integer({ min: 2, max: 5 }),
    width: fc.nat(3),
  })
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 8 }), fc.nat(80), (entries, id) => {
      let next = 0x10
      const transitions = entries.map(({ action, gap, width }) => {
        const first = next + gap
        next = first + width
        return { peer: 0, class: 'interrupt' as const, action, ranges: [[first, next]] as const }
      })
      const shuffled = listing(...transitions.reverse())
      const expected = transitions.find(({ ranges: [[first, last]] }) => first <= id && id <= last)
      expect(transitionAction(shuffled, 0, 'interrupt', id)).toEqual(
        expected === undefined ? { action: 'block', rule: 'default' } : { action: expected.action, rule: 'listed' },
      )
    }),
  )
})

test('every name of the table has ids in the space of its class, and ids have names', () => {
  expect(idsOfName('call', 'host_call')).toEqual([[HOST_CALL, HOST_CALL]])
  expect(idsOfName('exception', 'host_call')).toBeUndefined()
  expect(nameOfId('exception', 0x24)).toBe('data_abort')
  expect(nameOfId('call', 0xc400_0197)).toBe('ripas')
  expect(nameOfId('call', 0x1234)).toBeUndefined()
  for (const { class: named, ranges } of FORCED) {
    for (const [first, last] of ranges) {
      expect(first).toBeGreaterThanOrEqual(ID_SPACE[named][0])
      expect(last).toBeLessThanOrEqual(ID_SPACE[named][1])
    }
  }
})

test('ranges and their complement partition the space', () => {
  const range = fc.tuple(fc.nat(50), fc.nat(6)).map(([first, width]) => [first, first + width] as const)
  fc.assert(
    fc.property(fc.array(range), fc.nat(63), (ranges, id) => {
      const within = (list: readonly (readonly [number, number])[]): number =>
        list.filter(([first, last]) => first <= id && id <= last).length
      expect(within(normalizeRanges(ranges)) + within(complementRanges(ranges, [0, 63]))).toBe(1)
    }),
  )
})
