import { VirtualCpuInterface } from '../gic.ts'
import type { GeneralRegisters } from '../registers.ts'
import { EC, esrOf, exceptionClass, TRANSFER_REGISTER } from '../syndrome.ts'
import { HCR_VSE, INSTRUCTION_SIZE, PSTATE_EL1H_MASKED, SYSREG, type SystemRegisters } from '../system-registers.ts'
import type { AccessCounters } from './access-counters.ts'
import { Clock } from './clock.ts'
import type { GuestException } from './guest-exception.ts'
import { INSTRUCTION_COST } from './quantum.ts'
import { Timers } from './timers.ts'

/** How the instruction at which a guest stopped goes on: executed again, done by someone else, or ended. */
export type Resumption = 'again' | 'done' | GuestException

/** Where these guests "have" their exception vectors: no instruction of any guest is there. */
const VECTORS = 0xffff_0000_0000_0000n

/** What of the address of an instruction is kept: never at the vectors. */
const PC_BITS = 52

/** Bits of ICH_HCR_EL2 that ask for maintenance interrupts, other than of a list register. */
const MAINTENANCE_ENABLES = 0xfe
const VSE_LOW = Number(HCR_VSE)

/** ISR_EL1.I: a physical interrupt is pending. */
const ISR_IRQ = 1 << 7

/** ISS of an SError: IDS and what VSESR_EL2 gives. */
const SERROR_ISS = 0x1ff_ffffn

/**
 * What both kinds of guests share of a PE: its registers, its clock and timers, its interrupt interface, and what
 * happens to them around an exit.
 *
 * SIMPLIFIED: a guest that is a program of another language has one address for all of its instructions, and takes
 * exceptions as that language does: its vectors are an address that only the monitor sees.
 */
export class Core {
  readonly x: GeneralRegisters
  readonly system: SystemRegisters
  readonly clock: Clock
  readonly interrupts: VirtualCpuInterface
  readonly #counters: AccessCounters
  readonly #timers: Timers
  readonly #pc: bigint
  readonly #next: bigint
  readonly #halves: Uint32Array
  #serrorPending = false

  constructor(x: GeneralRegisters, system: SystemRegisters, counters: AccessCounters, pc: bigint, quantum: number) {
    this.x = x
    this.system = system
    this.clock = new Clock(quantum)
    this.interrupts = new VirtualCpuInterface(system)
    this.#counters = counters
    this.#timers = new Timers(system)
    this.#pc = BigInt.asUintN(PC_BITS, pc)
    this.#next = this.#pc + INSTRUCTION_SIZE
    this.#halves = new Uint32Array(system.buffer, system.byteOffset, 2 * system.length)
    system[SYSREG.ELR_EL2] = this.#pc
    system[SYSREG.VBAR_EL1] = VECTORS
  }

  /** Before every instruction: charges it. False, and nothing charged, if an interrupt or an SError comes first. */
  begin(cost: number, length: number): boolean {
    return !this.#serrorPending && this.#counters.hasRoom(length) && this.clock.charge(cost)
  }

  /** Before an instruction traps that was charged as one that does not. */
  chargeTrap(): void {
    this.clock.charge(INSTRUCTION_COST.trap)
  }

  /** Takes the virtual SError that is pending between two instructions, if one is. */
  takeSError(): boolean {
    if (!this.#serrorPending) return false
    const { system } = this
    this.#serrorPending = false
    system[SYSREG.HCR_EL2] = system[SYSREG.HCR_EL2]! & ~HCR_VSE
    system[SYSREG.ESR_EL1] = esrOf(EC.serror, system[SYSREG.VSESR_EL2]! & SERROR_ISS)
    system[SYSREG.ELR_EL1] = this.#pc
    system[SYSREG.SPSR_EL1] = PSTATE_EL1H_MASKED
    return true
  }

  /** The value of a load that the host has emulated. */
  get transferred(): bigint {
    return this.x[TRANSFER_REGISTER]!
  }

  /** What a store that may be emulated takes its value from. */
  set transferred(value: bigint) {
    this.x[TRANSFER_REGISTER] = value
  }

  /** As {@link transferred}, of a load or store of 32 bits. */
  get transferred32(): number {
    return Number(BigInt.asUintN(32, this.transferred))
  }

  set transferred32(value: number) {
    this.transferred = BigInt(value >>> 0)
  }

  /**
   * Whether WFI does not wait: an interrupt is there for the guest. If none is, time passes up to the next timer.
   *
   * SIMPLIFIED: a PE that waits for its timer waits no time: its count jumps, since nothing but work moves it otherwise.
   */
  wakes(): boolean {
    if (this.interrupts.signals) return true
    if (this.#timers.active) {
      const next = this.#timers.nextInterrupt()
      if (Number.isFinite(next)) this.clock.waitUntil(next)
    }
    return false
  }

  /** After an instruction that changed a timer, or read one. */
  updateTimers(): void {
    this.#timers.update(this.clock.now)
    this.clock.alarm = this.#timers.nextInterrupt()
  }

  /** After an instruction or an entry that changed the interrupt interface: maintenance is an interrupt of the PE. */
  updateInterrupts(): void {
    this.interrupts.updateMaintenance()
    if (this.system[SYSREG.ICH_MISR_EL2] !== 0n) this.clock.interrupt()
  }

  /**
   * Before an exit: the registers tell the monitor where the guest is, what time it is, what its timers do, and whether
   * a physical interrupt is waiting.
   */
  leave(): void {
    const { now } = this.clock
    this.system[SYSREG.ELR_EL2] = this.#pc
    this.#halves[2 * SYSREG.ISR_EL1] = this.clock.isDue ? ISR_IRQ : 0
    this.#halves[2 * SYSREG.CNTVCT_EL0] = now
    this.#halves[2 * SYSREG.CNTVCT_EL0 + 1] = now / 2 ** 32
    if (this.#timers.active) this.#timers.update(now)
  }

  /**
   * After an entry: how the instruction goes on at which the guest stopped.
   *
   * @param interrupted Whether the exit was a physical interrupt: the quantum starts anew.
   */
  enter(interrupted: boolean): Resumption {
    if (interrupted) this.clock.restart()
    if (this.#timers.active) this.clock.alarm = this.#timers.nextInterrupt()
    const maintenance = this.#halves[2 * SYSREG.ICH_HCR_EL2]! & MAINTENANCE_ENABLES
    if (maintenance !== 0 || this.#halves[2 * SYSREG.ICH_MISR_EL2] !== 0) this.updateInterrupts()
    this.#serrorPending = (this.#halves[2 * SYSREG.HCR_EL2]! & VSE_LOW) !== 0
    const pc = this.system[SYSREG.ELR_EL2]
    if (pc === this.#next) return 'done'
    if (pc === this.#pc) return this.takeSError() ? 'serror' : 'again'
    return exceptionClass(this.system[SYSREG.ESR_EL1]!) === EC.unknown ? 'undefined' : 'sea'
  }
}
