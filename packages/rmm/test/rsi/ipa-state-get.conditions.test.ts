import { describe, expect, test } from 'vitest'
import {
  RIPAS_DESTROYED,
  RIPAS_EMPTY,
  RIPAS_RAM,
  RMI_DATA_DESTROY,
  RSI_ERROR_INPUT,
  RSI_IPA_STATE_GET,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { testGuestCall } from '../conditions.ts'
import { PAGE, RAM, UNPROTECTED } from '../scripted-host.ts'
import { EMPTY, guestWorld, UNPOPULATED } from './guest-world.ts'

const END_OF_RAM = RAM + 2 * PAGE

describe('RSI_IPA_STATE_GET', () => {
  testGuestCall(
    RSI_IPA_STATE_GET,
    () => guestWorld([RAM, END_OF_RAM]),
    [
      { name: 'base_align', x: { 1: RAM + 8 }, expect: [RSI_ERROR_INPUT] },
      { name: 'end_align', x: { 2: END_OF_RAM + 8 }, expect: [RSI_ERROR_INPUT] },
      { name: 'size_valid: empty', x: { 2: RAM }, expect: [RSI_ERROR_INPUT] },
      { name: 'size_valid: backwards', x: { 2: RAM - PAGE }, expect: [RSI_ERROR_INPUT] },
      { name: 'rgn_bound: into the unprotected half', x: { 2: UNPROTECTED + PAGE }, expect: [RSI_ERROR_INPUT] },
      {
        name: 'rgn_bound: all unprotected',
        x: { 1: UNPROTECTED, 2: UNPROTECTED + PAGE },
        expect: [RSI_ERROR_INPUT],
      },
      { name: 'rgn_bound: beyond the address space', x: { 2: 2n ** 64n - 0x1000n }, expect: [RSI_ERROR_INPUT] },
    ],
    () => [RSI_SUCCESS, END_OF_RAM, RIPAS_RAM],
  )

  const get = (base: number, top: number) => guestWorld([]).realm.call(RSI_IPA_STATE_GET, base, top).slice(0, 3)

  test('out_top is where the RIPAS changes', () => {
    expect(get(RAM - PAGE, END_OF_RAM)).toEqual([RSI_SUCCESS, BigInt(RAM), BigInt(RIPAS_EMPTY)])
    expect(get(RAM, EMPTY)).toEqual([RSI_SUCCESS, BigInt(END_OF_RAM), BigInt(RIPAS_RAM)])
  })

  test('out_top is at most the top asked for', () => {
    expect(get(RAM, RAM + PAGE)).toEqual([RSI_SUCCESS, BigInt(RAM + PAGE), BigInt(RIPAS_RAM)])
    expect(get(0x4000_0000, 0x4000_1000)).toEqual([RSI_SUCCESS, 0x4000_1000n, BigInt(RIPAS_EMPTY)])
  })

  test('out_top is at most the end of a table', () => {
    expect(get(UNPOPULATED + PAGE, 0x40_0000)).toEqual([RSI_SUCCESS, 0x20_0000n, BigInt(RIPAS_EMPTY)])
  })

  test('out_top is at most where a table begins: what is below it was not looked at', () => {
    const { realm } = guestWorld([])
    realm.addTable(0x60_0000, 3)
    const x = realm.call(RSI_IPA_STATE_GET, 0x40_0000, 0x100_0000).slice(0, 3)
    expect(x).toEqual([RSI_SUCCESS, 0x60_0000n, BigInt(RIPAS_EMPTY)])
  })

  test('whether there is a page does not matter', () => {
    expect(get(UNPOPULATED, UNPOPULATED + PAGE)[2]).toBe(BigInt(RIPAS_RAM))
  })

  test('a Realm sees what the host has destroyed', () => {
    const { host, realm } = guestWorld([])
    host.demand(RMI_DATA_DESTROY, realm.rd, RAM)
    const x = realm.call(RSI_IPA_STATE_GET, RAM, END_OF_RAM).slice(0, 3)
    expect(x).toEqual([RSI_SUCCESS, BigInt(RAM + PAGE), BigInt(RIPAS_DESTROYED)])
  })
})
