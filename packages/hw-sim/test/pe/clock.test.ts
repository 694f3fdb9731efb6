import { expect, test } from 'vitest'
import { Clock } from '../../src/pe/clock.ts'

test('a clock counts work, and nothing else', () => {
  const clock = new Clock(100)
  for (const cost of [1, 2.5, 30]) clock.charge(cost)
  expect(clock.now).toBe(33.5)
})

test('a quantum that is used up is an interrupt, until it starts anew', () => {
  const clock = new Clock(10)
  expect([clock.charge(6), clock.charge(6), clock.charge(1), clock.now]).toEqual([true, true, false, 12])
  clock.restart()
  expect([clock.charge(10), clock.charge(1)]).toEqual([true, false])
})

test('an alarm is an interrupt at its time, and does not move the end of the quantum', () => {
  const clock = new Clock(10)
  clock.alarm = 3
  expect([clock.charge(3), clock.charge(1), clock.now]).toEqual([true, false, 3])
  clock.alarm = Number.POSITIVE_INFINITY
  expect([clock.charge(7), clock.charge(1), clock.now]).toEqual([true, false, 10])
})

test('an alarm in the past is an interrupt at once', () => {
  const clock = new Clock(10)
  clock.charge(5)
  clock.alarm = 2
  expect(clock.charge(1)).toBe(false)
})

test('waiting passes time without using up the quantum', () => {
  const clock = new Clock(10)
  clock.charge(4)
  clock.waitUntil(1000)
  expect(clock.now).toBe(1000)
  expect([clock.charge(6), clock.charge(1)]).toEqual([true, false])
})
