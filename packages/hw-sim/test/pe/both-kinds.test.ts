import { afterEach, describe, expect, test } from 'vitest'
import { ICH_HCR, LIST_REGISTER } from '../../src/gic.ts'
import {
  EC,
  exceptionClass,
  type Guest,
  type GuestExit,
  HCR_VSE,
  type MachineOptions,
  MDCR_TPM,
  registerField,
  SYSREG,
  TRANSFER_REGISTER,
} from '../../src/index.ts'
import { type Answer, enter, nameOf } from '../monitor.ts'
import { KINDS, nextOutcome, type Step, type SteppingGuest } from './both-kinds.ts'

const started: SteppingGuest[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((guest) => guest.stop()))
})

/** An address at which nothing is mapped. */
const DEVICE = 0x1000_0010

/** What a call to the monitor counts for. */
const CALL_COST = 512

const syndromeOf = (exit: GuestExit) => {
  if (exit.kind !== 'sync') throw new Error(`unexpected exit ${exit.kind}`)
  return exit.syndrome
}

const interrupt = (intid: bigint): bigint => LIST_REGISTER.pending | LIST_REGISTER.group1 | intid

/** The instructions with which a guest opens its interrupt interface. */
const OPEN: readonly Step[] = [
  ['msr', 'ICC_PMR_EL1', 0xffn],
  ['msr', 'ICC_IGRPEN1_EL1', 1n],
]

describe.each(KINDS)('%s', (_, startGuest) => {
  const start = (steps: readonly Step[], options: Partial<MachineOptions> = {}): Guest => {
    const guest = startGuest(steps, options)
    started.push(guest)
    return guest.guest
  }

  test('tells of a load that aborts how wide it is and where its value is wanted, and takes it from there', () => {
    const guest = start([
      ['load32', DEVICE],
      ['load64', DEVICE],
    ])
    const { esr, far, hpfar } = syndromeOf(enter(guest))
    expect([
      exceptionClass(esr),
      registerField(esr, 24, 1),
      registerField(esr, 22, 2),
      registerField(esr, 6, 1),
    ]).toEqual([EC.dataAbort, 1, 2, 0])
    expect([registerField(esr, 16, 5), registerField(esr, 15, 1)]).toEqual([TRANSFER_REGISTER, 0])
    expect([far, hpfar]).toEqual([BigInt(DEVICE), BigInt(DEVICE - 0x10) >> 8n])
    guest.x[TRANSFER_REGISTER] = 0xffff_ffff_8765_4321n
    expect(nameOf(enter(guest, { answer: 'done' }))).toBe('smc')
    expect([...guest.x.subarray(0, 2)]).toEqual([0n, 0x8765_4321n])

    const wide = syndromeOf(enter(guest)).esr
    expect([registerField(wide, 22, 2), registerField(wide, 15, 1)]).toEqual([3, 1])
    guest.x[TRANSFER_REGISTER] = 2n ** 63n
    enter(guest, { answer: 'done' })
    expect(guest.x[1]).toBe(2n ** 63n)
  })

  test('has the value of a store that aborts in the register that the syndrome names', () => {
    const guest = start([
      ['store32', DEVICE, 0xdead_beef],
      ['store64', DEVICE, 0x1122_3344_5566_7788n],
    ])
    const { esr } = syndromeOf(enter(guest))
    expect([registerField(esr, 24, 1), registerField(esr, 6, 1), guest.x[TRANSFER_REGISTER]]).toEqual([
      1,
      1,
      0xdead_beefn,
    ])
    expect(nameOf(enter(guest, { answer: 'done' }))).toBe('smc')
    enter(guest)
    expect(guest.x[TRANSFER_REGISTER]).toBe(0x1122_3344_5566_7788n)
  })

  test('says nothing of the instruction when more than a register is moved', () => {
    const { esr } = syndromeOf(enter(start([['load', DEVICE, 8]])))
    expect(registerField(esr, 24, 1)).toBe(0)
  })

  test('executes an instruction again, or ends it with the exception that ESR_EL1 names', () => {
    const guest = start([
      ['load32', DEVICE],
      ['store64', DEVICE, 1n],
    ])
    expect(syndromeOf(enter(guest))).toEqual(syndromeOf(enter(guest)))
    expect(nameOf(enter(guest, { answer: 'sea' }))).toBe('smc')
    expect(guest.x[0]).toBe(1n)
    enter(guest)
    enter(guest, { answer: 'undefined' })
    expect(guest.x[0]).toBe(2n)
  })

  test('takes a virtual SError once, before it does anything else', () => {
    const guest = start([['load32', DEVICE], ['wfe']])
    enter(guest)
    guest.system[SYSREG.VSESR_EL2] = 0x11n
    guest.system[SYSREG.HCR_EL2] = HCR_VSE
    expect(nameOf(guest.resume())).toBe('smc')
    expect(guest.x[0]).toBe(3n)
    expect(guest.system[SYSREG.HCR_EL2]).toBe(0n)
    expect([exceptionClass(guest.system[SYSREG.ESR_EL1]!), guest.system[SYSREG.ESR_EL1]! & 0x3fn]).toEqual([
      EC.serror,
      0x11n,
    ])
    expect(nameOf(enter(guest, { trapWaits: false, answer: 'done' }))).toBe('smc')
    expect(guest.x[0]).toBe(0n)
  })

  test('waits for interrupts and events where that is trapped, each told from the other', () => {
    const guest = start([['wfi'], ['wfe']])
    expect(syndromeOf(enter(guest)).esr & 3n).toBe(0n)
    expect(nextOutcome(guest).outcome).toBe('done')
    expect(syndromeOf(enter(guest)).esr & 3n).toBe(1n)
    expect(nextOutcome(guest).outcome).toBe('done')
  })

  test('does not wait while a virtual interrupt is pending, and takes and ends it', () => {
    const guest = start([
      ...OPEN,
      ['wfi'],
      ['mrs', 'ISR_EL1'],
      ['mrs', 'ICC_IAR1_EL1'],
      ['msr', 'ICC_EOIR1_EL1', 27n],
      ['mrs', 'ICC_IAR1_EL1'],
      ['wfi'],
    ])
    guest.system[SYSREG.ICH_HCR_EL2] = ICH_HCR.enable
    guest.system[SYSREG.ICH_LR0_EL2] = interrupt(27n)
    const values = Array.from({ length: 7 }, () => nextOutcome(guest).value)
    expect(values.slice(3)).toEqual([0x80n, 27n, 0n, 1023n])
    expect(guest.system[SYSREG.ICH_LR0_EL2]! >> 62n).toBe(0n)
    expect(nameOf(enter(guest))).toBe('wait')
  })

  test('is interrupted when its interrupt interface asks for maintenance', () => {
    const guest = start([...OPEN, ['mrs', 'ICC_IAR1_EL1'], ['msr', 'ICC_EOIR1_EL1', 30n], ['wfe']])
    guest.system[SYSREG.ICH_HCR_EL2] = ICH_HCR.enable
    guest.system[SYSREG.ICH_LR0_EL2] = interrupt(30n) | LIST_REGISTER.maintenanceOnEnd
    for (let step = 0; step < 3; step++) nextOutcome(guest)
    expect(nameOf(enter(guest))).toBe('irq')
    expect(guest.system[SYSREG.ICH_MISR_EL2]).toBe(1n)
    guest.system[SYSREG.ICH_LR0_EL2] = 0n
    expect(nextOutcome(guest).outcome).toBe('done')
    expect(guest.system[SYSREG.ICH_MISR_EL2]).toBe(0n)
  })

  test('tells the monitor at an exit what time it is, as the guest reads it', () => {
    const guest = start([
      ['mrs', 'CNTVCT_EL0'],
      ['mrs', 'CNTVCT_EL0'],
    ])
    for (let step = 0; step < 2; step++) {
      const { value } = nextOutcome(guest)
      // The call that tells the value has been charged meanwhile.
      expect(guest.system[SYSREG.CNTVCT_EL0]! - value).toBe(BigInt(CALL_COST))
    }
  })

  test('moves the clock of its machine by what its own counter moves', () => {
    const run = startGuest([
      ['mrs', 'CNTVCT_EL0'],
      ['load', DEVICE, 8],
      ['mrs', 'CNTVCT_EL0'],
    ])
    started.push(run)
    for (const answer of [undefined, 'sea'] as const) {
      enter(run.guest, answer === undefined ? {} : { answer })
      const count = Number(run.guest.system[SYSREG.CNTVCT_EL0])
      expect(run.machine.clock.nanoseconds).toBe(20 * count)
    }
  })

  test('is interrupted by its timer when its own work has come so far, or when it waits', () => {
    const guest = start([
      ['msr', 'CNTV_CVAL_EL0', 1_000_000n],
      ['msr', 'CNTV_CTL_EL0', 1n],
      ['mrs', 'CNTV_CTL_EL0'],
      ['wfi'],
      ['mrs', 'CNTV_CTL_EL0'],
    ])
    expect(Array.from({ length: 3 }, () => nextOutcome(guest).value)[2]).toBe(1n)
    expect(nameOf(enter(guest))).toBe('wait')
    expect(nameOf(enter(guest))).toBe('irq')
    expect(guest.system[SYSREG.CNTV_CTL_EL0]).toBe(5n)
    // A monitor that knows of it keeps it away.
    guest.system[SYSREG.CNTHCTL_EL2] = 1n << 18n
    expect(nextOutcome(guest).outcome).toBe('done')
    expect(nextOutcome(guest).value).toBe(5n)
  })

  test('has a counter that only its own work moves', () => {
    const read = (): bigint[] => {
      const guest = start([
        ['mrs', 'CNTVCT_EL0'],
        ['mrs', 'CNTVCT_EL0'],
      ])
      return [nextOutcome(guest).value, nextOutcome(guest).value]
    }
    const first = read()
    expect(first[1]).toBeGreaterThan(first[0]!)
    expect(read()).toEqual(first)
  })

  test.each<[what: string, step: Step, answer: Answer]>([
    ['an abort', ['load32', DEVICE], 'sea'],
    ['a load of more than a register', ['load', DEVICE, 8], 'sea'],
    ['a register that traps', ['mrs', 'ID_AA64PFR0_EL1'], 'done'],
    ['a write that traps', ['msr', 'ICC_SGI1R_EL1', 0n], 'done'],
  ])('is charged for %s as for a call, so that one which does nothing else is preempted', (_, step, answer) => {
    const guest = start([['mrs', 'CNTVCT_EL0'], step, ['mrs', 'CNTVCT_EL0']])
    const before = nextOutcome(guest).value
    enter(guest)
    enter(guest, { answer })
    const instructions = 2
    const calls = 2
    expect(nextOutcome(guest).value - before).toBe(BigInt(instructions + (calls + 1) * CALL_COST))
  })

  test('leaves to the monitor for identification registers, calls to other PEs, and names that nobody knows', () => {
    const guest = start([
      ['mrs', 'ID_AA64PFR0_EL1'],
      ['msr', 'ICC_SGI1R_EL1', 0xabcdn],
      ['mrs', 'S3_3_C9_C12_0'],
      ['mrs', 'PMCR_EL0'],
    ])
    guest.system[SYSREG.MDCR_EL2] = MDCR_TPM
    expect(syndromeOf(enter(guest)).esr).toBe(0x6230_0009n)
    guest.x[TRANSFER_REGISTER] = 5n
    expect([nameOf(enter(guest, { answer: 'done' })), guest.x[1]]).toEqual(['smc', 5n])
    expect([syndromeOf(enter(guest)).esr, guest.x[TRANSFER_REGISTER]]).toEqual([0x623a_3016n, 0xabcdn])
    enter(guest, { answer: 'done' })
    const unknown = syndromeOf(enter(guest)).esr
    enter(guest, { answer: 'undefined' })
    expect(guest.x[0]).toBe(2n)
    expect(syndromeOf(enter(guest)).esr).toBe(unknown)
  })

  test('finds an instruction undefined that its register does not have', () => {
    const guest = start([
      ['msr', 'ICC_IAR1_EL1', 1n],
      ['mrs', 'ICC_EOIR1_EL1'],
      ['mrs', 'ICC_SGI1R_EL1'],
      ['msr', 'ID_AA64PFR0_EL1', 0n],
    ])
    const outcomes = Array.from({ length: 4 }, () => nextOutcome(guest).outcome)
    expect(outcomes).toEqual(new Array(4).fill('UndefinedInstruction'))
  })
})
