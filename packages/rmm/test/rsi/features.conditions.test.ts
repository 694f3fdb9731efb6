import { describe, expect, test } from 'vitest'
import { RSI_FEATURES, RSI_SUCCESS } from '../../src/abi/index.ts'
import { testGuestCall } from '../conditions.ts'
import { guestWorld } from './guest-world.ts'

describe('RSI_FEATURES', () => {
  testGuestCall(
    RSI_FEATURES,
    () => guestWorld([0]),
    [],
    () => [RSI_SUCCESS, 0],
  )

  test.each([1n, 2n ** 64n - 1n])('register %d does not exist and reads as zero', (index) => {
    expect(guestWorld([]).realm.call(RSI_FEATURES, index).slice(0, 2)).toEqual([RSI_SUCCESS, 0n])
  })
})
