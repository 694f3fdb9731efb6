import { INTID_NONE, LIST_REGISTER } from '@mica/hw-sim'
import { describe, expect, test } from 'vitest'
import { RMI_ENTER_TRAP_WFI, RMI_EXIT_IRQ, RMI_EXIT_SYNC, type RmiRecExit } from '../../src/abi/index.ts'
import { type HostOptions, type Job, ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'

/** A Realm on a platform with four list registers, and a guest that has opened its interrupt interface. */
function openRealm(options: HostOptions = {}): ScriptedRealm {
  const host = new ScriptedHost({ ...options, mica: false, identification: { ICH_VTR_EL2: 0x9400_0003n } })
  const realm = host.createRealm()
  realm.perform(function* (cpu) {
    yield* cpu.msr('ICC_PMR_EL1', 0xffn)
    yield* cpu.msr('ICC_IGRPEN1_EL1', 1n)
  })
  return realm
}

const pending = (intid: bigint, bits = 0n): bigint => LIST_REGISTER.pending | LIST_REGISTER.group1 | bits | intid

const exitOf = (exit: RmiRecExit | number): RmiRecExit => {
  if (typeof exit === 'number') throw new Error(`RMI_REC_ENTER answered ${exit}`)
  return exit
}

const TRAP_WFI = { flags: RMI_ENTER_TRAP_WFI }

/** Waits, then takes one interrupt; `intids` gets its number, and it ends only if asked. */
function service(intids: bigint[], end = true): Job<void> {
  return function* (cpu) {
    yield* cpu.wfi()
    const intid = yield* cpu.mrs('ICC_IAR1_EL1')
    intids.push(intid)
    if (end) yield* cpu.msr('ICC_EOIR1_EL1', intid)
  }
}

describe('a virtual interrupt', () => {
  test('wakes a guest that waits, which takes it, and the host sees that it is over', () => {
    const realm = openRealm()
    const intids: bigint[] = []
    expect(exitOf(realm.begin(service(intids), TRAP_WFI)).exit_reason).toBe(RMI_EXIT_SYNC)
    const exit = exitOf(realm.enter({ ...TRAP_WFI, gicv3_lrs: [pending(40n)] }))
    expect(intids).toEqual([40n])
    expect(exit.gicv3_lrs[0]! & LIST_REGISTER.state).toBe(0n)
    expect(exit.gicv3_vmcr).toBe((0xffn << 24n) | 2n)
  })

  test('that is pending already is not waited for', () => {
    const realm = openRealm()
    const intids: bigint[] = []
    const exit = exitOf(realm.begin(service(intids), { ...TRAP_WFI, gicv3_lrs: [0n, pending(40n)] }))
    expect(intids).toEqual([40n])
    // The exit is the wait of a guest with nothing left to do.
    expect(exit.exit_reason).toBe(RMI_EXIT_SYNC)
  })

  test('stays where it is while the guest does not take it, and is active once it did', () => {
    const realm = openRealm()
    const lrs = [pending(40n)]
    const none: Job<void> = (cpu) => cpu.wfe()
    const waiting = exitOf(realm.begin(none, { gicv3_lrs: lrs, flags: RMI_ENTER_TRAP_WFI | 8n }))
    expect(waiting.gicv3_lrs[0]).toBe(lrs[0])
    realm.queue.push({ job: service([], false), done: false })
    const exit = exitOf(realm.enter({ ...TRAP_WFI, gicv3_lrs: waiting.gicv3_lrs }))
    expect(exit.gicv3_lrs[0]! & LIST_REGISTER.state).toBe(LIST_REGISTER.active)
  })

  test('that the host takes back before the guest took it is gone', () => {
    const realm = openRealm()
    realm.begin((cpu) => cpu.wfe(), { gicv3_lrs: [pending(40n)], flags: 8n })
    const intids: bigint[] = []
    realm.queue.push({ job: service(intids), done: false })
    realm.enter()
    realm.enter()
    expect(intids).toEqual([INTID_NONE])
  })

  test('asks for maintenance when it ends, if the host wants that: the host is interrupted at once', () => {
    const realm = openRealm()
    const after: string[] = []
    const exit = exitOf(
      realm.begin(
        function* (cpu) {
          yield* service([])(cpu)
          yield* cpu.wfe()
          after.push('next instruction')
        },
        { gicv3_lrs: [pending(40n, LIST_REGISTER.maintenanceOnEnd)] },
      ),
    )
    expect([exit.exit_reason, exit.gicv3_misr, after]).toEqual([RMI_EXIT_IRQ, 1n, []])
    expect(exitOf(realm.enter()).gicv3_misr).toBe(0n)
    expect(after).toEqual(['next instruction'])
  })

  test('that ends without being in a list register is counted', () => {
    const realm = openRealm()
    const exit = exitOf(realm.begin((cpu) => cpu.msr('ICC_EOIR1_EL1', 77n)))
    expect(exit.gicv3_hcr).toBe(1n << 27n)
  })

  test('that is counted is told once; the recorded firmware goes on counting', () => {
    const second = (firmware?: 'rmm-spec-v1.0-rel0'): bigint => {
      const realm = openRealm({ firmware })
      realm.begin((cpu) => cpu.msr('ICC_EOIR1_EL1', 77n))
      return exitOf(realm.begin((cpu) => cpu.msr('ICC_EOIR1_EL1', 78n))).gicv3_hcr
    }
    expect([second(), second('rmm-spec-v1.0-rel0')]).toEqual([1n << 27n, 2n << 27n])
  })
})

test('the host sees back of ICH_HCR_EL2 what it set, and registers that are not implemented stay zero', () => {
  const realm = openRealm()
  const lrs = [1, 2, 3, 4, 5].map((number) => pending(BigInt(100 + number)))
  const exit = exitOf(realm.begin((cpu) => cpu.wfe(), { gicv3_hcr: 1n << 14n, gicv3_lrs: lrs, flags: 8n }))
  expect(exit.gicv3_hcr).toBe(1n << 14n)
  expect(exit.gicv3_lrs).toEqual([...lrs.slice(0, 4), ...new Array(12).fill(0n)])
})

describe('an interrupt number that a host may give', () => {
  const accepts = (intid: bigint, identification: HostOptions['identification'] = {}): boolean =>
    typeof new ScriptedHost({ mica: false, identification }).createRealm().enter({ gicv3_lrs: [pending(intid)] }) !==
    'number'

  test('has 24 bits where the interface has', () => {
    const wide = { ICH_VTR_EL2: 0x9480_0000n }
    expect([accepts(65_536n), accepts(65_536n, wide)]).toEqual([false, true])
    expect([accepts(0xff_ffffn, wide), accepts(0x100_0000n, wide)]).toEqual([true, false])
  })

  test('is an extended one where there are such', () => {
    const extended = { ICC_CTLR_EL1: 1n << 19n }
    for (const intid of [1056n, 1119n, 4096n, 5119n]) {
      expect([accepts(intid), accepts(intid, extended)]).toEqual([false, true])
    }
    for (const intid of [1020n, 1055n, 1120n, 4095n, 5120n]) expect(accepts(intid, extended)).toBe(false)
  })
})

test('a guest that deactivates an interrupt leaves to the host if that asked for it', () => {
  const deactivate: Job<void> = (cpu) => cpu.msr('ICC_DIR_EL1', 40n)
  const exit = exitOf(openRealm().begin(deactivate, { gicv3_hcr: 1n << 14n }))
  expect([exit.exit_reason, exit.gprs[0]]).toEqual([RMI_EXIT_SYNC, 40n])
  expect(exitOf(openRealm().begin(deactivate)).exit_reason).toBe(RMI_EXIT_IRQ)
})
