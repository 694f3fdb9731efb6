import { describe, expect, test } from 'vitest'
import * as abi from '../../src/abi/index.ts'
import { testGuestCall } from '../conditions.ts'
import { psciWorld } from './psci-world.ts'

describe('PSCI_FEATURES', () => {
  testGuestCall(
    abi.PSCI_FEATURES,
    () => psciWorld([abi.PSCI_CPU_ON_64]),
    [
      { name: 'MIGRATE, which is not implemented', x: { 1: 0x8400_0005 }, expect: [abi.PSCI_NOT_SUPPORTED] },
      { name: 'nothing of PSCI', x: { 1: abi.RSI_VERSION }, expect: [abi.PSCI_NOT_SUPPORTED] },
      // Mandatory in the text of PSCI, and implemented; the recorded firmware denies it all the same.
      { name: 'PSCI_VERSION', x: { 1: abi.PSCI_VERSION }, expect: [abi.PSCI_NOT_SUPPORTED] },
    ],
    () => [abi.PSCI_SUCCESS],
  )

  test.each([
    abi.PSCI_CPU_SUSPEND_32,
    abi.PSCI_CPU_SUSPEND_64,
    abi.PSCI_CPU_OFF,
    abi.PSCI_CPU_ON_32,
    abi.PSCI_CPU_ON_64,
    abi.PSCI_AFFINITY_INFO_32,
    abi.PSCI_AFFINITY_INFO_64,
    abi.PSCI_SYSTEM_OFF,
    abi.PSCI_SYSTEM_RESET,
    abi.PSCI_FEATURES,
    abi.SMCCC_VERSION,
  ])('function %#x is implemented', (fid) => {
    expect(psciWorld().realm.call(abi.PSCI_FEATURES, fid)[0]).toBe(abi.PSCI_SUCCESS)
  })
})

test('a function of PSCI that is not implemented is not supported, and the Realm goes on', () => {
  const { realm } = psciWorld()
  expect(realm.call(0x8400_0005n)[0]).toBe(abi.PSCI_NOT_SUPPORTED)
  expect(realm.call(0xc400_0013n)[0]).toBe(abi.PSCI_NOT_SUPPORTED)
  expect(realm.call(abi.SMCCC_VERSION)[0]).toBe(abi.SMCCC_VERSION_1_2)
})
