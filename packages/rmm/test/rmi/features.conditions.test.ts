import { describe, expect, test } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import { RMI_FEATURES } from '../../src/abi/index.ts'
import { testRmi } from '../conditions.ts'
import { smallHost } from '../small-world.ts'

describe('RMI_FEATURES', () => {
  testRmi(
    RMI_FEATURES,
    () => ({ host: smallHost(), args: [0] }),
    [],
    () => [0x283_fc10_4130n],
  )

  test.each([1n, 2n, 2n ** 32n, 2n ** 64n - 1n])('register %d does not exist and reads as zero', (index) => {
    const host = smallHost()
    expect(host.smc(RMI_FEATURES, index).slice(0, 2)).toEqual([0n, 0n])
  })

  test.each([
    ['addresses of 52 bits', { ID_AA64MMFR0_EL1: 0x1000_0006n }, 0x283_fc10_4134n],
    ['addresses of 40 bits, and no LPA2', { ID_AA64MMFR0_EL1: 0x200_0000_0002n }, 0x283_fc10_4028n],
    ['SVE', { ID_AA64PFR0_EL1: 1n << 32n, ZCR_EL2: 3n }, 0x283_fc10_4f30n],
    ['seven breakpoints and five watchpoints', { ID_AA64DFR0_EL1: 0x0040_6700n }, 0x283_fc41_8130n],
    ['no performance monitors', { ID_AA64DFR0_EL1: 0x0010_1000n }, 0x283_0010_4130n],
    ['sixteen list registers', { ICH_VTR_EL2: 0x9400_000fn }, 0x2bf_fc10_4130n],
  ])('register 0 tells of a platform with %s', (_, identification, expected) => {
    expect(smallHost({ identification }).smc(RMI_FEATURES, 0)[1]).toBe(expected)
  })

  test('reading changes nothing', () => {
    const host = smallHost()
    const before = machineState(host)
    host.smc(RMI_FEATURES, 0)
    expect(machineState(host)).toBe(before)
  })
})
