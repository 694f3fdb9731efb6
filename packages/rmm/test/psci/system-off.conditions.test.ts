import { describe, expect, test } from 'vitest'
import { PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET, packStatus, RMI_ERROR_REALM, RMI_REC_ENTER } from '../../src/abi/index.ts'
import { ON, psciExit, psciWorld } from './psci-world.ts'

describe.each([
  ['PSCI_SYSTEM_OFF', PSCI_SYSTEM_OFF],
  ['PSCI_SYSTEM_RESET', PSCI_SYSTEM_RESET],
])('%s', (_, fid) => {
  test('the host hears which of the two it is, and nothing else', () => {
    const { realm } = psciWorld()
    expect(realm.begin((cpu) => cpu.smc([fid, 1n, 2n, 3n]))).toMatchObject(psciExit(fid))
  })

  test('the Realm is off: no REC of it is entered, and the call does not return', () => {
    const { host, realm } = psciWorld()
    let returned = false
    realm.begin(function* (cpu) {
      yield* cpu.smc([fid])
      returned = true
    })
    expect(realm.realm.state).toBe('system-off')
    for (const rec of [realm.recs[0]!, realm.recs[ON]!]) {
      expect(host.smc(RMI_REC_ENTER, rec.address, rec.run)[0]).toBe(packStatus(RMI_ERROR_REALM, 1))
    }
    expect(returned).toBe(false)
  })
})
