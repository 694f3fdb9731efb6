import type { ScriptedCpu } from '@mica/hw-sim'
import { describe, expect, test } from 'vitest'
import {
  encodeRmiRecEnter,
  PSCI_CPU_ON_64,
  PSCI_SYSTEM_OFF,
  packStatus,
  RMI_DATA_DESTROY,
  RMI_ENTER_EMUL_MMIO,
  RMI_ENTER_INJECT_SEA,
  RMI_ENTER_TRAP_WFE,
  RMI_ENTER_TRAP_WFI,
  RMI_ERROR_INPUT,
  RMI_ERROR_REALM,
  RMI_ERROR_REC,
  RMI_EXIT_IRQ,
  RMI_EXIT_SYNC,
  RMI_REALM_ACTIVATE,
  RMI_REC_ENTER,
  type RmiRecEnter,
} from '../../src/abi/index.ts'
import { type Condition, granuleConditions, HOST_PAGE, testRmi } from '../conditions.ts'
import { type HostOptions, PAGE, RAM, type ScriptedRec, UNPROTECTED } from '../scripted-host.ts'
import { contentOf, makeInaccessible, type RealmWorld, realmWorld, whileRunning } from '../small-world.ts'

interface EnterWorld extends RealmWorld {
  readonly members: Record<string, unknown> & Partial<RmiRecEnter>
  /** A run page for the call only. */
  readonly page: number
  /** What conditions want of the Realm and its RECs. */
  readonly wants: { new?: boolean; off?: boolean; psci?: boolean }
  readonly finish: () => void
}

/** A Realm with two RECs that are on, and one that is off. */
const RECS = [{}, {}, { runnable: false }]
const OFF_MPIDR = 2n

function world(options: HostOptions = {}): EnterWorld {
  const made = realmWorld({ activate: false, recs: RECS }, () => [], options)
  const { host, realm } = made
  const page = host.page()
  const members = {}
  const wants: EnterWorld['wants'] = {}
  const finish = () => {
    host.write(page, encodeRmiRecEnter(members))
    if (wants.new === true) return
    host.demand(RMI_REALM_ACTIVATE, realm.rd)
    if (wants.psci === true) realm.begin((cpu) => cpu.smc([PSCI_CPU_ON_64, OFF_MPIDR, BigInt(RAM)]))
    if (wants.off === true) realm.recs[1]!.begin((cpu) => cpu.smc([PSCI_SYSTEM_OFF]))
  }
  return { ...made, args: [realm.rec, page], members, page, wants, finish }
}

/** EC of a trapped WFI or WFE. */
const EC_WFX = 1n << 26n

/** A list register with a pending interrupt: INTID and other fields in `bits`. */
const pending = (bits: bigint): bigint => (1n << 62n) | bits

function interrupts(name: string, members: Partial<RmiRecEnter>): Condition<EnterWorld> {
  return { name: `rec_gicv3: ${name}`, members, expect: [RMI_ERROR_REC] }
}

describe('RMI_REC_ENTER', () => {
  testRmi(RMI_REC_ENTER, () => world(), [
    ...granuleConditions<EnterWorld>(2, 'run', { 'not the host’s': ({ spare }) => spare }),
    ...granuleConditions<EnterWorld>(1, 'rec', {
      'the host’s': HOST_PAGE,
      'delegated only': ({ spare }) => spare,
      'an RD': ({ realm }) => realm.rd,
    }),
    {
      name: 'rec_state: running',
      moment: whileRunning,
      excludes: ['realm_new', 'system_off', 'rec_psci'],
      expect: [RMI_ERROR_REC],
    },
    // Of equal right in the text, run_pas comes here in the recorded firmware: it finds out by reading.
    { name: 'run_pas', arrange: ({ host, page }) => makeInaccessible(host, page), expect: [RMI_ERROR_INPUT] },
    {
      name: 'realm_new',
      arrange: ({ wants }) => Object.assign(wants, { new: true }),
      excludes: ['system_off', 'rec_psci'],
      expect: [RMI_ERROR_REALM],
    },
    {
      name: 'system_off',
      arrange: ({ wants }) => Object.assign(wants, { off: true }),
      expect: [packStatus(RMI_ERROR_REALM, 1)],
    },
    { name: 'rec_runnable: off', x: { 1: ({ realm }) => realm.recs[2]!.address }, expect: [RMI_ERROR_REC] },
    {
      name: 'rec_psci: waits for RMI_PSCI_COMPLETE',
      arrange: ({ wants }) => Object.assign(wants, { psci: true }),
      expect: [RMI_ERROR_REC],
    },
    interrupts('enabling the interface is not the host’s', { gicv3_hcr: 1n }),
    interrupts('a reserved bit', { gicv3_hcr: 1n << 8n }),
    interrupts('EOIcount is not the host’s', { gicv3_hcr: 1n << 27n }),
    interrupts('a bit of the upper half', { gicv3_hcr: 1n << 32n }),
    interrupts('a hardware interrupt', { gicv3_lrs: [pending((1n << 61n) | 32n)] }),
    interrupts('a physical INTID', { gicv3_lrs: [pending((1n << 32n) | 32n)] }),
    interrupts('a priority that is not implemented', { gicv3_lrs: [pending((1n << 48n) | 32n)] }),
    interrupts('INTID 1020, which is special', { gicv3_lrs: [pending(1020n)] }),
    interrupts('INTID 8191, before the LPIs', { gicv3_lrs: [pending(8191n)] }),
    interrupts('INTID 65536, after the LPIs', { gicv3_lrs: [pending(65536n)] }),
    {
      name: 'rec_sea: nothing to answer with an abort',
      members: { flags: RMI_ENTER_INJECT_SEA },
      expect: [RMI_ERROR_REC],
    },
    { name: 'rec_mmio: nothing to emulate', members: { flags: RMI_ENTER_EMUL_MMIO }, expect: [RMI_ERROR_REC] },
  ])

  test('rec_gicv3: an interrupt in two list registers, if there are two', () => {
    const twice = { gicv3_lrs: [pending(32n), pending(32n)] }
    const enter = (identification: NonNullable<HostOptions['identification']>) => {
      const made = world({ identification })
      made.finish()
      return made.realm.enter(twice)
    }
    expect(enter({ ICH_VTR_EL2: 0x9400_0001n })).toBe(RMI_ERROR_REC)
    expect(enter({ ICH_VTR_EL2: 0x9400_0000n })).toMatchObject({ exit_reason: RMI_EXIT_IRQ })
  })

  test.each([
    ['every bit of ICH_HCR_EL2 that is the host’s', { gicv3_hcr: 0x40fen }],
    ['a list register without an interrupt, whatever else is in it', { gicv3_lrs: [(1n << 61n) | 1020n] }],
    ['an interrupt of the highest priorities', { gicv3_lrs: [pending((0xf8n << 48n) | 32n)] }],
    ['an LPI', { gicv3_lrs: [pending(8192n)] }],
    ['an interrupt that asks for maintenance', { gicv3_lrs: [pending((1n << 41n) | 32n)] }],
    ['flags that nobody has defined', { flags: 1n << 63n }],
  ])('accepts %s', (_, enter) => {
    const made = world()
    made.finish()
    expect(made.realm.enter(enter)).toMatchObject({ exit_reason: RMI_EXIT_IRQ })
  })

  test('the guest runs, and its exit is in the second half of the run page', () => {
    const made = world()
    made.finish()
    const { host, realm, page } = made
    const value = Uint8Array.of(0x5e)
    realm.queue.push({ job: (cpu) => cpu.store(RAM, value), done: false })
    const before = contentOf(host, page).subarray(0, PAGE / 2)
    host.demand(RMI_REC_ENTER, realm.rec, page)
    expect(contentOf(host, realm.ram[0]!)[0]).toBe(0x5e)
    expect(contentOf(host, page).subarray(0, PAGE / 2)).toEqual(before)
    expect(contentOf(host, page)[PAGE / 2]).toBe(RMI_EXIT_IRQ)
  })

  test('a REC can be entered again after its exit, and goes on where it was', () => {
    const made = world()
    made.finish()
    const steps: number[] = []
    made.realm.queue.push({
      job: function* (cpu) {
        steps.push(1)
        yield* cpu.wfi()
        steps.push(2)
      },
      done: false,
    })
    made.realm.enter()
    expect(steps).toEqual([1])
    made.realm.enter()
    expect(steps).toEqual([1, 2])
  })

  test('while one REC of a Realm runs, another may', () => {
    const made = world()
    made.finish()
    let inner: ReturnType<ScriptedRec['enter']> | undefined
    whileRunning(made, () => {
      inner = made.realm.recs[1]!.enter()
    })
    expect(inner).toMatchObject({ exit_reason: RMI_EXIT_IRQ })
  })

  test.each([
    ['WFI', RMI_ENTER_TRAP_WFI, 0n],
    ['WFE', RMI_ENTER_TRAP_WFE, 1n],
  ])('a host that traps %s hears of it', (name, flag, ti) => {
    const made = world()
    made.finish()
    const wait = (cpu: ScriptedCpu) => (name === 'WFI' ? cpu.wfi() : cpu.wfe())
    expect(made.realm.begin(wait, { flags: flag })).toMatchObject({ exit_reason: RMI_EXIT_SYNC, esr: EC_WFX | ti })
  })

  test('an interrupt that the guest has not taken comes back as it was given', () => {
    const made = world()
    made.finish()
    const given = pending((0xa0n << 48n) | (1n << 60n) | 40n)
    expect(made.realm.enter({ gicv3_lrs: [given] })).toMatchObject({
      gicv3_lrs: [given, ...Array.from({ length: 15 }, () => 0n)],
    })
  })

  describe('after an abort at an unprotected address', () => {
    /** A guest that loads a word from memory that is not there; what becomes of it. */
    function aborted(ipa: number) {
      const made = world()
      made.finish()
      let outcome: unknown
      made.realm.begin(function* (cpu) {
        try {
          outcome = yield* cpu.load32(ipa)
        } catch (error) {
          outcome = (error as Error).name
        }
      })
      return { ...made, outcome: () => outcome }
    }

    test('the host may let the guest try again', () => {
      const { host, realm, outcome } = aborted(UNPROTECTED)
      realm.mapUnprotected(host.page(Uint8Array.of(1, 2, 3, 4)), UNPROTECTED)
      realm.enter()
      expect(outcome()).toBe(0x0403_0201)
    })

    test('the host may answer with an abort, once', () => {
      const { realm, outcome } = aborted(UNPROTECTED)
      realm.enter({ flags: RMI_ENTER_INJECT_SEA })
      expect(outcome()).toBe('SynchronousExternalAbort')
      expect(realm.enter({ flags: RMI_ENTER_INJECT_SEA })).toBe(RMI_ERROR_REC)
    })

    test('the host may answer with a value, once', () => {
      const { realm, outcome } = aborted(UNPROTECTED)
      realm.enter({ flags: RMI_ENTER_EMUL_MMIO, gprs: [0x1234_5678n] })
      expect(outcome()).toBe(0x1234_5678)
      expect(realm.enter({ flags: RMI_ENTER_EMUL_MMIO })).toBe(RMI_ERROR_REC)
    })

    test('a refused entry leaves the abort to be answered', () => {
      const { realm, outcome } = aborted(UNPROTECTED)
      expect(realm.enter({ flags: RMI_ENTER_EMUL_MMIO, gicv3_hcr: 1n })).toBe(RMI_ERROR_REC)
      realm.enter({ flags: RMI_ENTER_EMUL_MMIO, gprs: [7n] })
      expect(outcome()).toBe(7)
    })

    // The recorded firmware accepts the value, which forges memory of the Realm's: here only if it is asked to be like it.
    test.each([RMI_ENTER_INJECT_SEA, RMI_ENTER_EMUL_MMIO])(
      'at a protected address no answer is accepted (%d)',
      (flags) => {
        const { host, realm, outcome } = aborted(RAM)
        expect(outcome()).toBe(0)
        host.demand(RMI_DATA_DESTROY, realm.rd, RAM)
        expect(realm.begin((cpu) => cpu.load32(RAM))).toMatchObject({ exit_reason: RMI_EXIT_SYNC })
        expect(realm.enter({ flags })).toBe(RMI_ERROR_REC)
      },
    )
  })

  // One of the two exceptions to "a failed command changes nothing": the Realm ran, and nobody can make that undone.
  test('an exit that cannot be written is an input error, and the Realm has run', () => {
    const made = world()
    made.finish()
    const { host, realm } = made
    realm.queue.push({
      job: function* (cpu) {
        yield* cpu.store(RAM, Uint8Array.of(0x5e))
        makeInaccessible(host, realm.run)
      },
      done: false,
    })
    expect(realm.enter()).toBe(RMI_ERROR_INPUT)
    expect(contentOf(host, realm.ram[0]!)[0]).toBe(0x5e)
    expect(host.rmm.monitor.recAt(realm.rec)!.running).toBe(false)
  })
})
