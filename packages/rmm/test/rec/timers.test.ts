import { LIST_REGISTER, SYSREG, TIMER_ENABLE, TIMER_IMASK, TIMER_ISTATUS } from '@mica/hw-sim'
import { describe, expect, test } from 'vitest'
import {
  RMI_ENTER_TRAP_WFI,
  RMI_EXIT_IRQ,
  RMI_EXIT_SYNC,
  RMI_REALM_FLAG_PMU,
  type RmiRecExit,
  RSI_VERSION,
} from '../../src/abi/index.ts'
import { type Job, ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'

const ASKING = TIMER_ENABLE | TIMER_ISTATUS
const TIMER_INTID = 27n

const realmAlone = (): ScriptedRealm => new ScriptedHost({ mica: false }).createRealm()

const exitOf = (exit: RmiRecExit | number): RmiRecExit => {
  if (typeof exit === 'number') throw new Error(`RMI_REC_ENTER answered ${exit}`)
  return exit
}

/** Sets the virtual timer to a time of the PE's own count. */
const setTimer = (after: bigint): Job<bigint> =>
  function* (cpu) {
    const at = (yield* cpu.mrs('CNTVCT_EL0')) + after
    yield* cpu.msr('CNTV_CVAL_EL0', at)
    yield* cpu.msr('CNTV_CTL_EL0', TIMER_ENABLE)
    return at
  }

describe('a timer', () => {
  test('is told at every exit, and asserted when its time has come', () => {
    const realm = realmAlone()
    const { value: at, exits } = realm.perform(setTimer(1000n), { flags: RMI_ENTER_TRAP_WFI })
    // The guest waits, so time passes, and the host knows at once that it may wake it.
    expect(exits.at(-1)).toMatchObject({ exit_reason: RMI_EXIT_SYNC, cntv_ctl: ASKING, cntv_cval: at })
  })

  test('that fires while the guest works interrupts it, once', () => {
    const realm = realmAlone()
    const done: string[] = []
    realm.queue.push({
      job: function* (cpu) {
        yield* setTimer(50n)(cpu)
        for (let i = 0; i < 100; i++) yield* cpu.wfe()
        done.push('worked')
      },
      done: false,
    })
    expect(realm.enter()).toMatchObject({ exit_reason: RMI_EXIT_IRQ, cntv_ctl: ASKING })
    expect(done).toEqual([])
    realm.enter()
    expect(done).toEqual(['worked'])
  })

  test('whose state changes while the guest calls the monitor is told before the guest goes on', () => {
    const realm = realmAlone()
    const { guest } = realm.host.rmm.monitor.recAt(realm.rec)!
    expect(guest).toBeUndefined()
    const answered: bigint[] = []
    const call: Job<void> = function* (cpu) {
      answered.push((yield* cpu.smc([RSI_VERSION, 0x1_0000n]))[0]!)
    }
    realm.perform(setTimer(200n))
    realm.enter()
    // Turned off by the guest: a change as well, which the host is told after the call and before its answer.
    const exit = exitOf(
      realm.begin(function* (cpu) {
        yield* cpu.msr('CNTV_CTL_EL0', TIMER_ENABLE | TIMER_IMASK)
        yield* call(cpu)
      }),
    )
    expect(exit).toMatchObject({ exit_reason: RMI_EXIT_IRQ, cntv_ctl: ASKING | TIMER_IMASK })
    expect(answered).toEqual([])
    realm.enter()
    expect(answered).toEqual([0n])
  })

  test('is served from end to end: it fires, the host injects its interrupt, the guest takes it and turns it off', () => {
    const realm = realmAlone()
    const served: bigint[] = []
    realm.queue.push({
      job: function* (cpu) {
        yield* cpu.msr('ICC_PMR_EL1', 0xffn)
        yield* cpu.msr('ICC_IGRPEN1_EL1', 1n)
        yield* setTimer(10_000n)(cpu)
        let intid = 1023n
        while (intid === 1023n) {
          yield* cpu.wfi()
          intid = yield* cpu.mrs('ICC_IAR1_EL1')
        }
        served.push(intid)
        yield* cpu.msr('CNTV_CTL_EL0', 0n)
        yield* cpu.msr('ICC_EOIR1_EL1', intid)
      },
      done: false,
    })
    let exit = exitOf(realm.enter())
    for (let entries = 0; served.length === 0 && entries < 5; entries++) {
      const asks = (exit.cntv_ctl & (ASKING | TIMER_IMASK)) === ASKING
      const lrs = asks ? [LIST_REGISTER.pending | LIST_REGISTER.group1 | TIMER_INTID] : []
      exit = exitOf(realm.enter({ gicv3_lrs: lrs }))
    }
    expect(served).toEqual([TIMER_INTID])
    expect(exit.cntv_ctl).toBe(0n)
  })
})

describe('performance monitors', () => {
  const overflow: Job<bigint> = function* (cpu) {
    yield* cpu.msr('PMCR_EL0', 1n)
    for (const name of ['PMCNTENSET_EL0', 'PMINTENSET_EL1', 'PMOVSSET_EL0']) yield* cpu.msr(name, 2n)
    return yield* cpu.mrs('PMOVSSET_EL0')
  }
  const realmWith = (flags: bigint): ScriptedRealm =>
    new ScriptedHost({ mica: false }).createRealm({ flags, params: { pmu_num_ctrs: 2 } })

  test('of a Realm that has them tell the host that a counter asks for an interrupt', () => {
    const { value, exits } = realmWith(RMI_REALM_FLAG_PMU).perform(overflow)
    expect([value, exits[0]!.pmu_ovf_status]).toEqual([2n, 1])
  })

  test('of another Realm read as zero and ignore writes', () => {
    const realm = realmWith(0n)
    const { value, exits } = realm.perform(overflow)
    expect([value, exits[0]!.pmu_ovf_status]).toEqual([0n, 0])
    const { system } = realm.host.rmm.monitor.recAt(realm.rec)!.guest!
    expect(system[SYSREG.PMOVSSET_EL0]).toBe(0n)
    // Whatever another PE's owner left in the registers is not this Realm's.
    const { PMCR_EL0, PMCNTENSET_EL0, PMINTENSET_EL1, PMOVSSET_EL0 } = SYSREG
    for (const place of [PMCR_EL0, PMCNTENSET_EL0, PMINTENSET_EL1, PMOVSSET_EL0]) system[place] = 1n
    expect(exitOf(realm.enter()).pmu_ovf_status).toBe(0)
  })
})
