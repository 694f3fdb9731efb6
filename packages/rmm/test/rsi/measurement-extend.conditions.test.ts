import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import {
  RMI_HASH_SHA_256,
  RMI_HASH_SHA_512,
  RSI_ERROR_INPUT,
  RSI_MEASUREMENT_EXTEND,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { testGuestCall } from '../conditions.ts'
import { guestWorld } from './guest-world.ts'
import { wordsOf } from './words.ts'

const VALUE = Uint8Array.from({ length: 64 }, (_, i) => i + 1)

describe('RSI_MEASUREMENT_EXTEND', () => {
  testGuestCall(
    RSI_MEASUREMENT_EXTEND,
    () => guestWorld([1, 64, ...wordsOf(VALUE)]),
    [
      { name: 'index_bound: the RIM', x: { 1: 0 }, expect: [RSI_ERROR_INPUT] },
      { name: 'index_bound: after REM[3]', x: { 1: 5 }, expect: [RSI_ERROR_INPUT] },
      { name: 'index_bound: the upper half counts', x: { 1: 2n ** 32n + 1n }, expect: [RSI_ERROR_INPUT] },
      { name: 'size_bound', x: { 2: 65 }, expect: [RSI_ERROR_INPUT] },
      { name: 'size_bound: the upper half counts', x: { 2: 2n ** 32n }, expect: [RSI_ERROR_INPUT] },
      { name: 'size_bound: -1', x: { 2: 2n ** 64n - 1n }, expect: [RSI_ERROR_INPUT] },
    ],
    () => [RSI_SUCCESS],
  )

  test.each([
    ['SHA-256', RMI_HASH_SHA_256, sha256],
    ['SHA-512', RMI_HASH_SHA_512, sha512],
  ])('the measurement is %s of itself and the value', (_, hash_algo, hash) => {
    const { realm } = guestWorld([], { params: { hash_algo } })
    const zeroes = new Uint8Array(hash(VALUE).length)
    realm.call(RSI_MEASUREMENT_EXTEND, 3, 64, ...wordsOf(VALUE))
    expect(realm.realm.rems).toEqual([zeroes, zeroes, hash(Uint8Array.of(...zeroes, ...VALUE)), zeroes])
  })

  test.each([0, 1, 8, 31, 32, 48])('of the value %d bytes count if the size says so', (size) => {
    const { realm } = guestWorld([])
    realm.call(RSI_MEASUREMENT_EXTEND, 1, size, ...wordsOf(VALUE))
    expect(realm.realm.rems[0]).toEqual(sha256(Uint8Array.of(...new Uint8Array(32), ...VALUE.subarray(0, size))))
  })

  test('the RIM stays what it was', () => {
    const { realm } = guestWorld([])
    const { rim } = realm
    realm.call(RSI_MEASUREMENT_EXTEND, 1, 64, ...wordsOf(VALUE))
    expect(realm.rim).toEqual(rim)
  })
})
