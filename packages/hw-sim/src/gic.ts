import { LIST_REGISTER_COUNT, SYSREG, type SystemRegisters } from './system-registers.ts'

/** INTID 1023: there is no interrupt to acknowledge. */
export const INTID_NONE = 1023n

/** First INTID of an LPI, which has no active state. */
const FIRST_LPI = 8192n

/** ICH_LR<n>_EL2 (Arm IHI 0069, 12.4.6). */
export const LIST_REGISTER: Readonly<
  Record<
    | 'state'
    | 'pending'
    | 'active'
    | 'hardware'
    | 'group1'
    | 'priorityPosition'
    | 'priority'
    | 'physical'
    | 'maintenanceOnEnd'
    | 'virtual',
    bigint
  >
> = {
  state: 3n << 62n,
  pending: 1n << 62n,
  active: 2n << 62n,
  hardware: 1n << 61n,
  group1: 1n << 60n,
  priorityPosition: 48n,
  priority: 0xffn << 48n,
  /** pINTID; without a hardware interrupt only its bit EOI means anything: a maintenance interrupt when it ends. */
  physical: 0x1fffn << 32n,
  maintenanceOnEnd: 1n << 41n,
  virtual: 0xffff_ffffn,
}

/** ICH_HCR_EL2: the interface is on; which maintenance interrupts there are; ICC_DIR_EL1 traps; ends without a register. */
export const ICH_HCR: Readonly<
  Record<
    | 'enable'
    | 'underflow'
    | 'noRegisterForEnd'
    | 'nonePending'
    | 'group0Enabled'
    | 'group0Disabled'
    | 'group1Enabled'
    | 'group1Disabled'
    | 'trapDeactivate'
    | 'endCountPosition'
    | 'endCount',
    bigint
  >
> = {
  enable: 1n,
  underflow: 1n << 1n,
  noRegisterForEnd: 1n << 2n,
  nonePending: 1n << 3n,
  group0Enabled: 1n << 4n,
  group0Disabled: 1n << 5n,
  group1Enabled: 1n << 6n,
  group1Disabled: 1n << 7n,
  trapDeactivate: 1n << 14n,
  endCountPosition: 27n,
  endCount: 0x1fn << 27n,
}

/** ICH_VMCR_EL2: what the guest has set. */
const VMCR = {
  enableGroup0: 1n,
  enableGroup1: 2n,
  fiqEnable: 8n,
  separateDeactivation: 1n << 9n,
  priorityMaskPosition: 24n,
} as const

/** Lower than any interrupt has. */
const IDLE_PRIORITY = 0x100n

/**
 * The virtual CPU interface of a PE: how a guest takes and ends the interrupts that its host puts into list registers.
 *
 * Its visible state is in ICH_LR<n>_EL2, ICH_HCR_EL2 and ICH_VMCR_EL2; hidden are the active priorities (ICH_AP<n>R).
 *
 * SIMPLIFIED: there are no preemption groups; an interrupt preempts every one of lower priority (binary points are 0).
 *
 * @see Arm IHI 0069 (GICv3), chapters 6 and 12
 */
export class VirtualCpuInterface {
  readonly #system: SystemRegisters
  /** Priorities of interrupts that were acknowledged and have not ended, the running one last. */
  readonly #running: bigint[] = []

  constructor(system: SystemRegisters) {
    this.#system = system
  }

  /** Whether an interrupt is signalled to the PE: what wakes it from waiting. */
  get signals(): boolean {
    return this.#candidate(true) !== undefined || (this.#fiqEnabled && this.#candidate(false) !== undefined)
  }

  /** The interrupt that {@link acknowledge} would take. */
  highestPending(group1: boolean): bigint {
    const index = this.#candidate(group1)
    return index === undefined ? INTID_NONE : this.#listRegister(index) & LIST_REGISTER.virtual
  }

  /** ICC_IAR<n>_EL1: takes the most urgent interrupt of a group, which becomes active; {@link INTID_NONE} without one. */
  acknowledge(group1: boolean): bigint {
    const index = this.#candidate(group1)
    if (index === undefined) return INTID_NONE
    const register = this.#listRegister(index)
    const intid = register & LIST_REGISTER.virtual
    const state = intid >= FIRST_LPI ? 0n : LIST_REGISTER.active
    this.#setListRegister(index, (register & ~LIST_REGISTER.state) | state)
    this.#running.push(priorityOf(register))
    return intid
  }

  /** ICC_EOIR<n>_EL1: ends the running interrupt, and deactivates `intid` unless the guest does that separately. */
  end(intid: bigint): void {
    if (intid >= INTID_NONE - 3n && intid <= INTID_NONE) return
    this.#running.pop()
    if ((this.#vmcr & VMCR.separateDeactivation) === 0n) this.deactivate(intid)
  }

  /** ICC_DIR_EL1. An interrupt in no list register is counted: its host keeps it elsewhere. */
  deactivate(intid: bigint): void {
    for (let index = 0; index < LIST_REGISTER_COUNT; index++) {
      const register = this.#listRegister(index)
      if ((register & LIST_REGISTER.active) === 0n || (register & LIST_REGISTER.virtual) !== intid) continue
      this.#setListRegister(index, register & ~LIST_REGISTER.active)
      return
    }
    if (intid < FIRST_LPI) this.#countEnd()
  }

  /** ICC_PMR_EL1: only interrupts of a higher priority (a lower number) are signalled. */
  get priorityMask(): bigint {
    return (this.#vmcr >> VMCR.priorityMaskPosition) & 0xffn
  }

  set priorityMask(priority: bigint) {
    const rest = this.#vmcr & ~(0xffn << VMCR.priorityMaskPosition)
    this.#vmcr = rest | ((priority & 0xffn) << VMCR.priorityMaskPosition)
  }

  /** ICC_IGRPEN<n>_EL1. */
  isEnabled(group1: boolean): boolean {
    return (this.#vmcr & (group1 ? VMCR.enableGroup1 : VMCR.enableGroup0)) !== 0n
  }

  enable(group1: boolean, on: boolean): void {
    const bit = group1 ? VMCR.enableGroup1 : VMCR.enableGroup0
    this.#vmcr = on ? this.#vmcr | bit : this.#vmcr & ~bit
  }

  /** ICC_CTLR_EL1.EOImode: whether ending an interrupt leaves it active until it is deactivated. */
  get separateDeactivation(): boolean {
    return (this.#vmcr & VMCR.separateDeactivation) !== 0n
  }

  set separateDeactivation(on: boolean) {
    this.#vmcr = on ? this.#vmcr | VMCR.separateDeactivation : this.#vmcr & ~VMCR.separateDeactivation
  }

  /** ICC_RPR_EL1: the priority of the running interrupt, 0xff when idle. */
  get runningPriority(): bigint {
    const priority = this.#runningPriority
    return priority === IDLE_PRIORITY ? 0xffn : priority
  }

  /** Computes ICH_MISR_EL2: why the interface asks for maintenance, if it does. */
  updateMaintenance(): void {
    this.#system[SYSREG.ICH_MISR_EL2] = this.#maintenance()
  }

  #maintenance(): bigint {
    const hcr = this.#hcr
    if ((hcr & ICH_HCR.enable) === 0n) return 0n
    const registers = Array.from({ length: LIST_REGISTER_COUNT }, (_, index) => this.#listRegister(index))
    const valid = registers.filter((register) => (register & LIST_REGISTER.state) !== 0n)
    const group0 = this.isEnabled(false)
    const group1 = this.isEnabled(true)
    const reasons = [
      registers.some(hasEnded),
      (hcr & ICH_HCR.underflow) !== 0n && valid.length <= 1,
      (hcr & ICH_HCR.noRegisterForEnd) !== 0n && (hcr & ICH_HCR.endCount) !== 0n,
      (hcr & ICH_HCR.nonePending) !== 0n && !valid.some((register) => (register & LIST_REGISTER.pending) !== 0n),
      (hcr & ICH_HCR.group0Enabled) !== 0n && group0,
      (hcr & ICH_HCR.group0Disabled) !== 0n && !group0,
      (hcr & ICH_HCR.group1Enabled) !== 0n && group1,
      (hcr & ICH_HCR.group1Disabled) !== 0n && !group1,
    ]
    return reasons.reduce((status, holds, bit) => (holds ? status | (1n << BigInt(bit)) : status), 0n)
  }

  /** The list register that holds the most urgent interrupt of a group, if it may be signalled now. */
  #candidate(group1: boolean): number | undefined {
    if ((this.#hcr & ICH_HCR.enable) === 0n || !this.isEnabled(group1)) return undefined
    let best: number | undefined
    let urgency = this.priorityMask < this.#runningPriority ? this.priorityMask : this.#runningPriority
    for (let index = 0; index < LIST_REGISTER_COUNT; index++) {
      const register = this.#listRegister(index)
      const isPending = (register & LIST_REGISTER.state) === LIST_REGISTER.pending
      const isOfGroup = ((register & LIST_REGISTER.group1) !== 0n) === group1
      if (!isPending || !isOfGroup || priorityOf(register) >= urgency) continue
      best = index
      urgency = priorityOf(register)
    }
    return best
  }

  #countEnd(): void {
    const count = ((this.#hcr & ICH_HCR.endCount) >> ICH_HCR.endCountPosition) + 1n
    const field = (count << ICH_HCR.endCountPosition) & ICH_HCR.endCount
    this.#system[SYSREG.ICH_HCR_EL2] = (this.#hcr & ~ICH_HCR.endCount) | field
  }

  get #runningPriority(): bigint {
    return this.#running.at(-1) ?? IDLE_PRIORITY
  }

  get #fiqEnabled(): boolean {
    return (this.#vmcr & VMCR.fiqEnable) !== 0n
  }

  get #hcr(): bigint {
    return this.#system[SYSREG.ICH_HCR_EL2]!
  }

  get #vmcr(): bigint {
    return this.#system[SYSREG.ICH_VMCR_EL2]!
  }

  set #vmcr(value: bigint) {
    this.#system[SYSREG.ICH_VMCR_EL2] = value
  }

  #listRegister(index: number): bigint {
    return this.#system[SYSREG.ICH_LR0_EL2 + index]!
  }

  #setListRegister(index: number, value: bigint): void {
    this.#system[SYSREG.ICH_LR0_EL2 + index] = value
  }
}

function priorityOf(register: bigint): bigint {
  return (register & LIST_REGISTER.priority) >> LIST_REGISTER.priorityPosition
}

/** ICH_EISR_EL2: an interrupt that its host wants to hear about has ended. */
function hasEnded(register: bigint): boolean {
  const ended = (register & LIST_REGISTER.state) === 0n
  return ended && (register & LIST_REGISTER.hardware) === 0n && (register & LIST_REGISTER.maintenanceOnEnd) !== 0n
}
