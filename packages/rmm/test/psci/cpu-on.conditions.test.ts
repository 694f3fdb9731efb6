import { describe, expect, test } from 'vitest'
import {
  PSCI_ALREADY_ON,
  PSCI_CPU_ON_32,
  PSCI_CPU_ON_64,
  PSCI_INVALID_ADDRESS,
  PSCI_INVALID_PARAMETERS,
  PSCI_SUCCESS,
  RMI_ERROR_REC,
  RMI_PSCI_COMPLETE,
} from '../../src/abi/index.ts'
import { testGuestErrors } from '../conditions.ts'
import { RAM, UNPROTECTED } from '../scripted-host.ts'
import { OFF, psciExit, psciWorld, SELF } from './psci-world.ts'

const CONTEXT = 0xcafe

describe('PSCI_CPU_ON', () => {
  testGuestErrors(PSCI_CPU_ON_64, () => psciWorld([OFF, RAM, CONTEXT]), [
    { name: 'entry: unprotected', x: { 2: UNPROTECTED }, expect: [PSCI_INVALID_ADDRESS] },
    { name: 'entry: beyond the address space', x: { 2: 2n ** 64n - 4n }, expect: [PSCI_INVALID_ADDRESS] },
    { name: 'mpidr: the next that would be created', x: { 1: 3 }, expect: [PSCI_INVALID_PARAMETERS] },
    { name: 'mpidr: Aff3', x: { 1: 2n ** 32n + BigInt(OFF) }, expect: [PSCI_INVALID_PARAMETERS] },
    { name: 'runnable: the caller', x: { 1: SELF }, expect: [PSCI_ALREADY_ON] },
  ])

  test.each([PSCI_CPU_ON_32, PSCI_CPU_ON_64])('%#x: the host sees whom to turn on, not where it starts', (fid) => {
    const { realm } = psciWorld()
    const exit = realm.begin((cpu) => cpu.smc([fid, BigInt(OFF), BigInt(RAM), BigInt(CONTEXT)]))
    expect(exit).toMatchObject(psciExit(fid, BigInt(OFF)))
  })

  test('the caller waits for the host, and the target is off until then', () => {
    const { host, realm } = psciWorld()
    let x: readonly bigint[] = []
    realm.begin(function* (cpu) {
      x = yield* cpu.smc([PSCI_CPU_ON_64, BigInt(OFF), BigInt(RAM), BigInt(CONTEXT)])
    })
    expect(realm.enter()).toBe(RMI_ERROR_REC)
    expect(realm.recs[OFF]!.enter()).toBe(RMI_ERROR_REC)
    host.demand(RMI_PSCI_COMPLETE, realm.rec, realm.recs[OFF]!.address, PSCI_SUCCESS)
    realm.enter()
    expect(x.slice(0, 4)).toEqual([PSCI_SUCCESS, 0n, 0n, 0n])
  })

  // Bits that are no affinity field should be zero; the recorded firmware does not look at them.
  test('bit 31 of the MPIDR does not matter', () => {
    const { realm } = psciWorld()
    const mpidr = 0x8000_0000n + BigInt(OFF)
    const exit = realm.begin((cpu) => cpu.smc([PSCI_CPU_ON_64, mpidr, BigInt(RAM)]))
    expect(exit).toMatchObject(psciExit(PSCI_CPU_ON_64, mpidr))
  })
})
