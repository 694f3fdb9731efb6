import { describe, expect, test } from 'vitest'
import {
  RMI_HASH_SHA_512,
  RSI_ERROR_INPUT,
  RSI_MEASUREMENT_EXTEND,
  RSI_MEASUREMENT_READ,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { testGuestCall } from '../conditions.ts'
import { guestWorld } from './guest-world.ts'
import { wordsOf } from './words.ts'

describe('RSI_MEASUREMENT_READ', () => {
  testGuestCall(
    RSI_MEASUREMENT_READ,
    () => guestWorld([0]),
    [
      { name: 'index_bound: after REM[3]', x: { 1: 5 }, expect: [RSI_ERROR_INPUT] },
      { name: 'index_bound: the upper half counts', x: { 1: 2n ** 32n }, expect: [RSI_ERROR_INPUT] },
      { name: 'index_bound: -1', x: { 1: 2n ** 64n - 1n }, expect: [RSI_ERROR_INPUT] },
    ],
    ({ realm }) => [RSI_SUCCESS, ...wordsOf(realm.rim)],
  )

  test.each([1, 2, 3, 4])('index %d is the measurement of that index', (index) => {
    const { realm } = guestWorld([])
    for (const each of [1, 2, 3, 4]) realm.call(RSI_MEASUREMENT_EXTEND, each, 8, each)
    expect(realm.call(RSI_MEASUREMENT_READ, index)).toEqual([0n, ...wordsOf(realm.realm.rems[index - 1]!)])
  })

  test('a measurement by SHA-512 takes all eight registers', () => {
    const { realm } = guestWorld([], { params: { hash_algo: RMI_HASH_SHA_512 } })
    expect(realm.rim.length).toBe(64)
    expect(realm.call(RSI_MEASUREMENT_READ, 0)).toEqual([0n, ...wordsOf(realm.rim)])
  })
})
