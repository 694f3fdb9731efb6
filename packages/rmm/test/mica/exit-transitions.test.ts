import { EC, esrOf, type GuestExit, ICH_HCR, LIST_REGISTER, TIMER_ENABLE } from '@mica/hw-sim'
import { describe, expect, test } from 'vitest'
import {
  RMI_ENTER_EMUL_MMIO,
  RMI_ENTER_INJECT_SEA,
  RMI_ENTER_TRAP_WFE,
  RMI_ENTER_TRAP_WFI,
  RMI_ERROR_REC,
  RMI_EXIT_FIQ,
  RMI_EXIT_IRQ,
  RMI_EXIT_SERROR,
  RMI_EXIT_SYNC,
  type RmiRecExit,
} from '../../src/abi/index.ts'
import { type Job, ScriptedHost, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
import { type Parts, uploadAlone } from './pipeline.ts'

/** A Realm alone with its policy, which lists what `change` adds. Its guest has opened its interrupt interface. */
function realmWith(change: (parts: Parts) => void = () => {}): ScriptedRealm {
  const host = new ScriptedHost({ identification: { ICH_VTR_EL2: 0x9400_0001n } })
  host.addSharedGranuleTable()
  const realm = host.createRealm({ policyGranules: 1 })
  realm.perform(function* (cpu) {
    yield* cpu.msr('ICC_PMR_EL1', 0xffn)
    yield* cpu.msr('ICC_IGRPEN1_EL1', 1n)
    yield* cpu.msr('CNTP_CVAL_EL0', 0x1234n)
  })
  return uploadAlone(realm, change)
}

const allows =
  (kind: 'exception' | 'interrupt', id: number) =>
  (parts: Parts): void => {
    parts.transitions.push({ peer: 0, class: kind, action: 'allow', ranges: [[id, id]] })
  }

const syndrome = (esr: bigint, ipa = 0): GuestExit => ({
  kind: 'sync',
  syndrome: { esr, far: BigInt(ipa), hpfar: BigInt(ipa / 256) },
})
const SERROR: GuestExit = { kind: 'serror', esr: esrOf(EC.serror, (3n << 10n) | 0x11n) }
const TRAPS = RMI_ENTER_TRAP_WFI | RMI_ENTER_TRAP_WFE

/** Everything of an exit but its reason and its list registers. */
function rest(exit: RmiRecExit): bigint {
  const { exit_reason, gicv3_lrs, gprs, ...others } = exit
  return [...gprs, ...Object.values(others)].reduce<bigint>((sum, value) => sum + BigInt(value as bigint), 0n)
}

const isScrubbed = (exit: RmiRecExit | number): boolean =>
  typeof exit !== 'number' && exit.exit_reason === RMI_EXIT_IRQ && rest(exit) === 0n

describe('an exit that always happens is scrubbed: an interrupt like any other, whatever it was', () => {
  const exits: readonly (readonly [string, Job<void>])[] = [
    ['IRQ', (cpu) => cpu.meet({ kind: 'irq' })],
    ['FIQ', (cpu) => cpu.meet({ kind: 'fiq' })],
    ['WFI', (cpu) => cpu.wfi()],
    ['WFE', (cpu) => cpu.wfe()],
    [
      'SError',
      function* (cpu) {
        try {
          yield* cpu.meet(SERROR)
        } catch {
          // The guest's own affair.
        }
      },
    ],
    [
      'a timer',
      function* (cpu) {
        yield* cpu.msr('CNTV_CVAL_EL0', 1n)
        yield* cpu.msr('CNTV_CTL_EL0', TIMER_ENABLE)
        yield* cpu.wfe()
      },
    ],
    ['maintenance of interrupts', (cpu) => cpu.msr('ICC_EOIR1_EL1', 99n)],
  ]
  test.each(exits)('%s', (_, job) => {
    const { exits: seen } = realmWith().perform(job, { flags: TRAPS, gicv3_hcr: ICH_HCR.noRegisterForEnd })
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.filter((exit) => !isScrubbed(exit))).toEqual([])
  })

  test('and shows the host what it is where the policy allows that', () => {
    const fiq = realmWith(allows('interrupt', 1023)).begin((cpu) => cpu.meet({ kind: 'fiq' }))
    expect(fiq).toMatchObject({ exit_reason: RMI_EXIT_FIQ, cntp_cval: 0x1234n, gicv3_vmcr: 0xff00_0002n })
    const serror = realmWith(allows('exception', EC.serror)).begin((cpu) => cpu.meet(SERROR))
    expect(serror).toMatchObject({ exit_reason: RMI_EXIT_SERROR, esr: (3n << 10n) | 0x11n })
  })
})

describe('an exit that the policy does not list ends in the Realm, and the host hears nothing', () => {
  test.each([
    ['an unprotected access', syndrome(esrOf(EC.dataAbort, (1n << 24n) | 7n), UNPROTECTED), 'SynchronousExternalAbort'],
    ['a recoverable external abort', syndrome(esrOf(EC.dataAbort, 0x10n)), 'SynchronousExternalAbort'],
    ['a restartable external abort', syndrome(esrOf(EC.dataAbort, (3n << 11n) | 0x10n)), 'SynchronousExternalAbort'],
    ['a call to another PE', syndrome(0x623a_3016n), 'UndefinedInstruction'],
    ['an exception that the monitor does not know', syndrome(esrOf(0x3c, 0n)), 'UndefinedInstruction'],
  ])('%s', (_, exit, exception) => {
    const result = realmWith().perform((cpu) => cpu.meet(exit))
    expect(result.exception).toBe(exception)
    expect(result.exits.every(isScrubbed)).toBe(true)
  })

  test('and is as without a policy where it is allowed', () => {
    const realm = realmWith(allows('exception', EC.sysreg))
    const exit = realm.begin((cpu) => cpu.msr('ICC_SGI1R_EL1', 5n))
    expect(exit).toMatchObject({ exit_reason: RMI_EXIT_SYNC, esr: 0x623a_3016n })
  })
})

test('a host can answer a scrubbed exit with nothing', () => {
  const scrub = (parts: Parts): void => {
    parts.transitions.push({ peer: 0, class: 'exception', action: 'scrub', ranges: [[EC.dataAbort, EC.dataAbort]] })
  }
  const realm = realmWith(scrub)
  expect(isScrubbed(realm.begin((cpu) => cpu.load32(UNPROTECTED)))).toBe(true)
  for (const flags of [RMI_ENTER_EMUL_MMIO, RMI_ENTER_INJECT_SEA]) {
    expect(realm.enter({ flags, gprs: [5n] })).toBe(RMI_ERROR_REC)
  }
})

describe('list registers of a scrubbed exit', () => {
  const pending = (intid: bigint): bigint => LIST_REGISTER.pending | LIST_REGISTER.group1 | intid
  const take = (intids: bigint[]): Job<void> =>
    function* (cpu) {
      yield* cpu.wfi()
      const intid = yield* cpu.mrs('ICC_IAR1_EL1')
      intids.push(intid)
      if (intid !== 1023n) yield* cpu.msr('ICC_EOIR1_EL1', intid)
    }

  test('are as the host gave them, and an interrupt that was taken does not come again', () => {
    const realm = realmWith()
    const intids: bigint[] = []
    const enter = { gicv3_lrs: [pending(40n)] }
    const given = realm.begin(take(intids), enter)
    expect(given).toMatchObject({ gicv3_lrs: [pending(40n), ...new Array(15).fill(0n)] })
    realm.perform(take(intids), enter)
    expect(intids).toEqual([40n, 1023n])
  })

  test('that the host changes are taken as it gives them', () => {
    const realm = realmWith()
    const intids: bigint[] = []
    realm.begin(take(intids), { gicv3_lrs: [pending(40n)] })
    realm.begin(take(intids), { gicv3_lrs: [pending(41n)] })
    realm.enter({ gicv3_lrs: [0n] })
    realm.begin(take(intids), { gicv3_lrs: [pending(41n)] })
    expect(intids).toEqual([40n, 41n, 41n])
  })
})
