import { describe, expect, test } from 'vitest'
import { PSCI_CPU_SUSPEND_32, PSCI_CPU_SUSPEND_64, PSCI_SUCCESS } from '../../src/abi/index.ts'
import { UNPROTECTED } from '../scripted-host.ts'
import { psciExit, psciWorld } from './psci-world.ts'

describe.each([PSCI_CPU_SUSPEND_32, PSCI_CPU_SUSPEND_64])('PSCI_CPU_SUSPEND %#x', (fid) => {
  test('the host hears of it; power state, entry point and context are ignored', () => {
    const { realm } = psciWorld()
    const exit = realm.begin((cpu) => cpu.smc([fid, 0x1_0000n, BigInt(UNPROTECTED), 5n]))
    expect(exit).toMatchObject(psciExit(fid))
  })

  test('the call returns when the REC is entered again', () => {
    const { realm } = psciWorld()
    let x: readonly bigint[] = []
    realm.begin(function* (cpu) {
      x = yield* cpu.smc([fid, 0n, 0n, 0n, 4n])
    })
    expect(x).toEqual([])
    realm.enter()
    expect(x.slice(0, 5)).toEqual([PSCI_SUCCESS, 0n, 0n, 0n, 4n])
  })
})
