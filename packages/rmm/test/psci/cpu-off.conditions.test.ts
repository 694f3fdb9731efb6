import { describe, expect, test } from 'vitest'
import { PSCI_CPU_OFF, RMI_ERROR_REC } from '../../src/abi/index.ts'
import { ON, psciExit, psciWorld } from './psci-world.ts'

describe('PSCI_CPU_OFF', () => {
  test('the host hears of it, and of nothing else', () => {
    const { realm } = psciWorld()
    expect(realm.begin((cpu) => cpu.smc([PSCI_CPU_OFF, 1n, 2n, 3n]))).toMatchObject(psciExit(PSCI_CPU_OFF))
  })

  test('the REC is off: it is not entered, and the call does not return', () => {
    const { realm } = psciWorld()
    let returned = false
    realm.begin(function* (cpu) {
      yield* cpu.smc([PSCI_CPU_OFF])
      returned = true
    })
    expect(realm.enter()).toBe(RMI_ERROR_REC)
    expect(returned).toBe(false)
  })

  test('other RECs go on', () => {
    const { realm } = psciWorld()
    realm.begin((cpu) => cpu.smc([PSCI_CPU_OFF]))
    expect(realm.recs[ON]!.enter()).not.toBe(RMI_ERROR_REC)
    expect(realm.realm.state).toBe('active')
  })
})
