import { describe, expect, test } from 'vitest'
import {
  decodeRsiRealmConfig,
  RMI_HASH_SHA_512,
  RSI_ERROR_INPUT,
  RSI_REALM_CONFIG,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { testGuestCall } from '../conditions.ts'
import { IPA_BITS, RAM, UNPROTECTED } from '../scripted-host.ts'
import { contentOf } from '../small-world.ts'
import { testUnpopulated } from './buffer.ts'
import { EMPTY, guestWorld, UNPOPULATED } from './guest-world.ts'

describe('RSI_REALM_CONFIG', () => {
  testGuestCall(
    RSI_REALM_CONFIG,
    () => guestWorld([RAM]),
    [
      { name: 'addr_align', x: { 1: RAM + 0x800 }, expect: [RSI_ERROR_INPUT] },
      { name: 'addr_bound: unprotected', x: { 1: UNPROTECTED }, expect: [RSI_ERROR_INPUT] },
      { name: 'addr_bound: beyond the address space', x: { 1: 2n ** 32n }, expect: [RSI_ERROR_INPUT] },
      { name: 'addr_bound: the upper half counts', x: { 1: 2n ** 63n + BigInt(RAM) }, expect: [RSI_ERROR_INPUT] },
      { name: 'addr_ripas: empty', x: { 1: EMPTY }, expect: [RSI_ERROR_INPUT] },
    ],
    () => [RSI_SUCCESS],
  )

  test('the page tells address width, hash algorithm and personalization', () => {
    const rpv = Uint8Array.from({ length: 64 }, (_, i) => 200 - i)
    const { host, realm } = guestWorld([], { rpv, params: { hash_algo: RMI_HASH_SHA_512 } })
    realm.call(RSI_REALM_CONFIG, RAM)
    const config = decodeRsiRealmConfig(contentOf(host, realm.ram[0]!))
    expect(config).toEqual({ ipa_width: BigInt(IPA_BITS), hash_algo: RMI_HASH_SHA_512, rpv })
  })

  testUnpopulated(RSI_REALM_CONFIG, [UNPOPULATED], [0n])
})
