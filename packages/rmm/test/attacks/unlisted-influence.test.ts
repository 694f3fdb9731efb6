import { EC, LIST_REGISTER, SYSREG } from '@mica/hw-sim'
import { describe, expect, test } from 'vitest'
import { PSCI_CPU_ON_64, RMI_EXIT_SYNC, RMI_PSCI_COMPLETE } from '../../src/abi/index.ts'
import type { FirmwareVersion } from '../../src/monitor.ts'
import { type Parts, uploadAlone } from '../mica/pipeline.ts'
import { type Job, PAGE, RAM, type RealmOptions, ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'

/** A Realm alone, with a policy that lists what `change` adds. */
function realmWith(options: RealmOptions, change: (parts: Parts) => void = () => {}): ScriptedRealm {
  const host = new ScriptedHost()
  host.addSharedGranuleTable()
  const realm = host.createRealm({ ...options, policyGranules: 1 })
  return uploadAlone(realm, change)
}

const lists =
  (kind: 'call' | 'exception', id: number, action: 'allow' | 'scrub') =>
  (parts: Parts): void => {
    parts.transitions.push({ peer: 0, class: kind, action, ranges: [[id, id]] })
  }

describe('registers that a host gives to a REC that begins off, which nobody measures', () => {
  const SECRET = [0x1111n, 0x2222n, 0x3333n]

  /** x0 to x3 of such a REC when the Realm turns it on. */
  function registersOf(realm: ScriptedRealm): readonly bigint[] {
    const [first, second] = [realm.recs[0]!, realm.recs[1]!]
    first.begin((cpu) => cpu.smc([PSCI_CPU_ON_64, 1n, BigInt(RAM), 7n]))
    realm.host.demand(RMI_PSCI_COMPLETE, first.address, second.address, 0)
    second.enter()
    return [...realm.host.rmm.monitor.recAt(second.address)!.guest!.x.subarray(0, 4)]
  }

  const recs = [{}, { runnable: false, gprs: SECRET }]

  test('are not those with which it starts when a Realm with a policy turns it on', () => {
    const realm = realmWith({ recs }, lists('call', Number(PSCI_CPU_ON_64), 'allow'))
    expect(realm.rim).toEqual(realmWith({ recs: [{}, { runnable: false }] }).rim)
    expect(registersOf(realm)).toEqual([7n, 0n, 0n, 0n])
  })

  test('are those only where the monitor is like the recorded firmware in everything', () => {
    const start = (firmware?: FirmwareVersion) => registersOf(new ScriptedHost({ firmware }).createRealm({ recs }))
    expect(start()).toEqual([7n, 0n, 0n, 0n])
    expect(start('rmm-spec-v1.0-rel0')).toEqual([7n, ...SECRET])
  })

  test('count where they are measured', () => {
    const one = new ScriptedHost().createRealm({ recs: [{}, { gprs: SECRET }] })
    expect(one.rim).not.toEqual(new ScriptedHost().createRealm({ recs: [{}, {}] }).rim)
    const rec = one.host.rmm.monitor.recAt(one.recs[1]!.address)!
    expect(rec.gprs.slice(1, 4)).toEqual(SECRET)
  })
})

describe('a host that wants to be told when a guest deactivates an interrupt', () => {
  const INTID = 40n
  const TRAP_DEACTIVATION = 1n << 14n
  const interrupt = LIST_REGISTER.pending | LIST_REGISTER.group1 | INTID

  /** Takes an interrupt, ends it, and deactivates it separately. */
  const service: Job<bigint> = function* (cpu) {
    yield* cpu.msr('ICC_PMR_EL1', 0xffn)
    yield* cpu.msr('ICC_IGRPEN1_EL1', 1n)
    yield* cpu.msr('ICC_CTLR_EL1', 2n)
    const intid = yield* cpu.mrs('ICC_IAR1_EL1')
    yield* cpu.msr('ICC_EOIR1_EL1', intid)
    yield* cpu.msr('ICC_DIR_EL1', intid)
    yield* cpu.store(RAM + PAGE, new Uint8Array(8))
    return intid
  }

  test.each([
    ['that the policy does not list', () => realmWith({})],
    ['that the policy scrubs', () => realmWith({}, lists('exception', EC.sysreg, 'scrub'))],
  ])('cannot disturb it by an exit %s: the instruction does what it does without that', (_, make) => {
    const outcome = (gicv3_hcr: bigint) => {
      const realm = make()
      const { value, exception, exits } = realm.perform(service, { gicv3_hcr, gicv3_lrs: [interrupt] })
      const { guest } = realm.host.rmm.monitor.recAt(realm.rec)!
      return { value, exception, exits, x: [...guest!.x], lr: interruptOf(realm) }
    }
    expect(outcome(TRAP_DEACTIVATION)).toEqual(outcome(0n))
    expect(outcome(TRAP_DEACTIVATION)).toMatchObject({
      value: INTID,
      exception: undefined,
      lr: interrupt & ~LIST_REGISTER.state,
    })
  })

  test('is told where the policy allows that', () => {
    const realm = realmWith({}, lists('exception', EC.sysreg, 'allow'))
    const exit = realm.begin(service, { gicv3_hcr: TRAP_DEACTIVATION, gicv3_lrs: [interrupt] })
    expect(exit).toMatchObject({ exit_reason: RMI_EXIT_SYNC })
  })
})

/** The first list register as it truly is. */
function interruptOf(realm: ScriptedRealm): bigint {
  const { guest } = realm.host.rmm.monitor.recAt(realm.rec)!
  return guest!.system[SYSREG.ICH_LR0_EL2]!
}
