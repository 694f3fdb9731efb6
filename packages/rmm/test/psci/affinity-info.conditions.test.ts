import { describe, expect, test } from 'vitest'
import {
  PSCI_AFFINITY_INFO_32,
  PSCI_AFFINITY_INFO_64,
  PSCI_INVALID_PARAMETERS,
  PSCI_SUCCESS,
  RMI_ERROR_REC,
  RMI_PSCI_COMPLETE,
} from '../../src/abi/index.ts'
import { testGuestCall } from '../conditions.ts'
import { OFF, ON, psciExit, psciWorld, SELF } from './psci-world.ts'

/** What PSCI says of a REC: that it is on, or off. */
const [IS_ON, IS_OFF] = [0n, 1n]

describe('PSCI_AFFINITY_INFO', () => {
  testGuestCall(
    PSCI_AFFINITY_INFO_64,
    () => psciWorld([SELF, 0]),
    [
      { name: 'target_bound: an affinity level above', x: { 2: 1 }, expect: [PSCI_INVALID_PARAMETERS] },
      { name: 'target_match: the next that would be created', x: { 1: 3 }, expect: [PSCI_INVALID_PARAMETERS] },
      { name: 'target_match: Aff3', x: { 1: 2n ** 32n }, expect: [PSCI_INVALID_PARAMETERS] },
    ],
    // Of the caller itself nobody has to be asked.
    () => [IS_ON],
  )

  test.each([
    ['on', ON, IS_ON],
    ['off', OFF, IS_OFF],
  ])('the host is asked for a REC that is %s, and the monitor answers', (_, target, expected) => {
    const { host, realm } = psciWorld()
    let x: readonly bigint[] = []
    const exit = realm.begin(function* (cpu) {
      x = yield* cpu.smc([PSCI_AFFINITY_INFO_64, BigInt(target), 0n])
    })
    expect(exit).toMatchObject(psciExit(PSCI_AFFINITY_INFO_64, BigInt(target)))
    expect(realm.enter()).toBe(RMI_ERROR_REC)
    host.demand(RMI_PSCI_COMPLETE, realm.rec, realm.recs[target]!.address, PSCI_SUCCESS)
    realm.enter()
    expect(x.slice(0, 4)).toEqual([expected, 0n, 0n, 0n])
  })

  test('the form for 32 bits is the same', () => {
    const { realm } = psciWorld()
    const exit = realm.begin((cpu) => cpu.smc([PSCI_AFFINITY_INFO_32, BigInt(OFF), 0n]))
    expect(exit).toMatchObject(psciExit(PSCI_AFFINITY_INFO_32, BigInt(OFF)))
  })
})
