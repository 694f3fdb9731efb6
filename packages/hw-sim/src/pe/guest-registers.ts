import { ICH_HCR } from '../gic.ts'
import type { Syndrome } from '../syndrome.ts'
import { MDCR_TPM, SYSREG } from '../system-registers.ts'
import type { Core } from './core.ts'
import { TICK_NS } from './system-counter.ts'
import { type Encoding, trapRead, trapWrite } from './trapped-register.ts'

/** A system register as guests see it; without `read` or `write` there is no such instruction. */
export interface GuestRegister {
  /** Its value, or a trap to EL2. */
  readonly read?: (core: Core) => bigint | Syndrome
  /** Nothing, or a trap to EL2. */
  readonly write?: (core: Core, value: bigint) => Syndrome | undefined
}

/** Ticks of CNTVCT_EL0 a second: a quantum is about 20 ms. */
const COUNTER_FREQUENCY = BigInt(1e9 / TICK_NS)

/** ISR_EL1.I: a virtual interrupt is pending. */
const ISR_IRQ = 0x80n

/** INTIDs of ICC_EOIR<n>_EL1 and ICC_DIR_EL1. */
const INTID = 0xff_ffffn

/** ICC_CTLR_EL1.EOImode. */
const CTLR_EOI_MODE = 2n

const count = (core: Core): bigint => BigInt(Math.floor(core.clock.now))

/** A register that keeps what is written. */
const plain = (place: number): GuestRegister => ({
  read: ({ system }) => system[place]!,
  write: ({ system }, value) => {
    system[place] = value
    return undefined
  },
})

const identification = (crm: number, op2: number): GuestRegister => ({ read: () => trapRead([3, 0, 0, crm, op2]) })

/** A register through which interrupts go to other PEs. */
const sending = (op2: number): GuestRegister => ({
  write: (core, value) => trapWrite(core, [3, 0, 12, 11, op2], value),
})

const acknowledging = (group1: boolean): GuestRegister => ({
  read: (core) => {
    const intid = core.interrupts.acknowledge(group1)
    core.updateInterrupts()
    return intid
  },
})

const ending: GuestRegister = {
  write: (core, value) => {
    core.interrupts.end(value & INTID)
    core.updateInterrupts()
    return undefined
  },
}

const deactivating: GuestRegister = {
  write: (core, value) => {
    const traps = (core.system[SYSREG.ICH_HCR_EL2]! & ICH_HCR.trapDeactivate) !== 0n
    if (traps) return trapWrite(core, [3, 0, 12, 11, 1], value)
    core.interrupts.deactivate(value & INTID)
    core.updateInterrupts()
    return undefined
  },
}

const enabling = (group1: boolean): GuestRegister => ({
  read: ({ interrupts }) => (interrupts.isEnabled(group1) ? 1n : 0n),
  write: (core, value) => {
    core.interrupts.enable(group1, (value & 1n) !== 0n)
    core.updateInterrupts()
    return undefined
  },
})

const priorityMask: GuestRegister = {
  read: ({ interrupts }) => interrupts.priorityMask,
  write: ({ interrupts }, value) => {
    interrupts.priorityMask = value
    return undefined
  },
}

const control: GuestRegister = {
  read: ({ interrupts }) => (interrupts.separateDeactivation ? CTLR_EOI_MODE : 0n),
  write: ({ interrupts }, value) => {
    interrupts.separateDeactivation = (value & CTLR_EOI_MODE) !== 0n
    return undefined
  },
}

const timer = (place: number): GuestRegister => ({
  read: (core) => {
    core.updateTimers()
    return core.system[place]!
  },
  write: (core, value) => {
    core.system[place] = value
    core.updateTimers()
    return undefined
  },
})

/** SIMPLIFIED: performance monitors are registers that keep what is written; nothing counts. */
const monitoring = (place: number, ...encoding: Encoding): GuestRegister => ({
  read: (core) => (trapsMonitors(core) ? trapRead(encoding) : core.system[place]!),
  write: (core, value) => {
    if (trapsMonitors(core)) return trapWrite(core, encoding, value)
    core.system[place] = value
    return undefined
  },
})

function trapsMonitors({ system }: Core): boolean {
  return (system[SYSREG.MDCR_EL2]! & MDCR_TPM) !== 0n
}

/** The system registers of a guest, by the architecture's names. */
export const GUEST_REGISTERS: ReadonlyMap<string, GuestRegister> = new Map<string, GuestRegister>([
  ['ICC_IAR0_EL1', acknowledging(false)],
  ['ICC_IAR1_EL1', acknowledging(true)],
  ['ICC_HPPIR0_EL1', { read: ({ interrupts }) => interrupts.highestPending(false) }],
  ['ICC_HPPIR1_EL1', { read: ({ interrupts }) => interrupts.highestPending(true) }],
  ['ICC_EOIR0_EL1', ending],
  ['ICC_EOIR1_EL1', ending],
  ['ICC_DIR_EL1', deactivating],
  ['ICC_PMR_EL1', priorityMask],
  ['ICC_CTLR_EL1', control],
  ['ICC_RPR_EL1', { read: ({ interrupts }) => interrupts.runningPriority }],
  ['ICC_IGRPEN0_EL1', enabling(false)],
  ['ICC_IGRPEN1_EL1', enabling(true)],
  ['ICC_SGI1R_EL1', sending(5)],
  ['ICC_ASGI1R_EL1', sending(6)],
  ['ICC_SGI0R_EL1', sending(7)],
  ['ISR_EL1', { read: ({ interrupts }) => (interrupts.signals ? ISR_IRQ : 0n) }],
  ['MPIDR_EL1', { read: ({ system }) => system[SYSREG.VMPIDR_EL2]! }],
  ['ESR_EL1', plain(SYSREG.ESR_EL1)],
  ['FAR_EL1', plain(SYSREG.FAR_EL1)],
  ['ELR_EL1', plain(SYSREG.ELR_EL1)],
  ['SPSR_EL1', plain(SYSREG.SPSR_EL1)],
  ['CNTFRQ_EL0', { read: () => COUNTER_FREQUENCY }],
  ['CNTVCT_EL0', { read: count }],
  ['CNTPCT_EL0', { read: count }],
  ['CNTV_CTL_EL0', timer(SYSREG.CNTV_CTL_EL0)],
  ['CNTV_CVAL_EL0', timer(SYSREG.CNTV_CVAL_EL0)],
  ['CNTP_CTL_EL0', timer(SYSREG.CNTP_CTL_EL0)],
  ['CNTP_CVAL_EL0', timer(SYSREG.CNTP_CVAL_EL0)],
  ['PMCR_EL0', monitoring(SYSREG.PMCR_EL0, 3, 3, 9, 12, 0)],
  ['PMCNTENSET_EL0', monitoring(SYSREG.PMCNTENSET_EL0, 3, 3, 9, 12, 1)],
  ['PMOVSSET_EL0', monitoring(SYSREG.PMOVSSET_EL0, 3, 3, 9, 14, 3)],
  ['PMINTENSET_EL1', monitoring(SYSREG.PMINTENSET_EL1, 3, 0, 9, 14, 1)],
  ['ID_AA64PFR0_EL1', identification(4, 0)],
  ['ID_AA64PFR1_EL1', identification(4, 1)],
  ['ID_AA64ZFR0_EL1', identification(4, 4)],
  ['ID_AA64DFR0_EL1', identification(5, 0)],
  ['ID_AA64DFR1_EL1', identification(5, 1)],
  ['ID_AA64ISAR0_EL1', identification(6, 0)],
  ['ID_AA64ISAR1_EL1', identification(6, 1)],
  ['ID_AA64MMFR0_EL1', identification(7, 0)],
  ['ID_AA64MMFR1_EL1', identification(7, 1)],
  ['ID_AA64MMFR2_EL1', identification(7, 2)],
])
