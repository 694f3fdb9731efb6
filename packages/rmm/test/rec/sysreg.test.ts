import { expect, test } from 'vitest'
import { RMI_EXIT_IRQ, RMI_EXIT_SYNC } from '../../src/abi/index.ts'
import { type RealmOptions, ScriptedHost } from '../scripted-host.ts'

/** What a guest reads of a register, on a machine with performance monitors and vectors. */
function read(name: string, options: RealmOptions = {}) {
  const identification = {
    ID_AA64PFR0_EL1: (1n << 44n) | (1n << 32n),
    ID_AA64DFR0_EL1: 0x00ff_ffff_ff5f_57f9n,
    ID_AA64DFR1_EL1: 0xff0f_fff0_0000_0f00n,
  }
  const realm = new ScriptedHost({ mica: false, identification }).createRealm(options)
  return realm.perform((cpu) => cpu.mrs(name))
}

test('identification registers tell what the Realm may use, not what the machine has', () => {
  expect(read('ID_AA64PFR0_EL1').value).toBe(0n)
  expect(read('ID_AA64PFR0_EL1', { flags: 2n }).value).toBe(1n << 32n)
  expect(read('ID_AA64DFR0_EL1').value).toBe(0x000f_00f0_0050_5709n)
  expect(read('ID_AA64DFR1_EL1').value).toBe(0xff00_ff00_0000_0f00n)
  expect(read('ID_AA64MMFR0_EL1').value).toBe(0x1000_0005n)
})

test('a register that nobody knows reads as zero and ignores writes, and the host hears nothing', () => {
  const realm = new ScriptedHost({ mica: false }).createRealm()
  const { value, exits } = realm.perform(function* (cpu) {
    yield* cpu.msr('S3_3_C15_C0_0', 5n)
    return yield* cpu.mrs('S3_3_C15_C0_0')
  })
  expect([value, exits.map((exit) => exit.exit_reason)]).toEqual([0n, [RMI_EXIT_IRQ]])
})

test.each([
  ['a read of ICC_SGI1R_EL1', 0x623a_3017n],
  ['a write of ID_AA64PFR0_EL1', 0x6230_0008n],
])('%s is undefined: the architecture has no such instruction', (_, esr) => {
  const realm = new ScriptedHost({ mica: false }).createRealm()
  const met = realm.perform((cpu) => cpu.meet({ kind: 'sync', syndrome: { esr, far: 0n, hpfar: 0n } }))
  expect([met.exception, met.exits[0]!.exit_reason]).toEqual(['UndefinedInstruction', RMI_EXIT_IRQ])
})

test('a write that sends an interrupt to another PE is the host’s to carry out', () => {
  const realm = new ScriptedHost({ mica: false }).createRealm()
  const { exits, exception } = realm.perform((cpu) => cpu.msr('ICC_SGI1R_EL1', 0xabcdefn))
  expect(exits[0]).toMatchObject({
    exit_reason: RMI_EXIT_SYNC,
    esr: 0x623a_3016n,
    gprs: expect.arrayContaining([0xabcdefn]),
  })
  expect(exception).toBeUndefined()
})
