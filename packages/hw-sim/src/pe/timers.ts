import {
  CNTHCTL_CNTPMASK,
  CNTHCTL_CNTVMASK,
  SYSREG,
  type SystemRegisters,
  TIMER_ENABLE,
  TIMER_IMASK,
  TIMER_ISTATUS,
} from '../system-registers.ts'

/** The two timers of EL1, and the bit of CNTHCTL_EL2 with which the monitor keeps the interrupt of each away. */
const TIMERS = [
  { control: SYSREG.CNTV_CTL_EL0, value: SYSREG.CNTV_CVAL_EL0, mask: CNTHCTL_CNTVMASK },
  { control: SYSREG.CNTP_CTL_EL0, value: SYSREG.CNTP_CVAL_EL0, mask: CNTHCTL_CNTPMASK },
] as const

/**
 * The EL1 timers of a PE, over the count of its own work.
 *
 * SIMPLIFIED: virtual and physical count are one; there is no offset, and it advances with the work of its PE only.
 */
export class Timers {
  readonly #system: SystemRegisters
  /** The same registers in halves: an exit of a guest that uses no timer costs no 64-bit value. */
  readonly #halves: Uint32Array

  constructor(system: SystemRegisters) {
    this.#system = system
    this.#halves = new Uint32Array(system.buffer, system.byteOffset, 2 * system.length)
  }

  /** Whether any is on. */
  get active(): boolean {
    return ((this.#halves[2 * SYSREG.CNTV_CTL_EL0]! | this.#halves[2 * SYSREG.CNTP_CTL_EL0]!) & 1) !== 0
  }

  /** Brings CNT<x>_CTL_EL0.ISTATUS up to date. */
  update(now: number): void {
    for (const { control, value } of TIMERS) {
      const set = this.#system[control]! & (TIMER_ENABLE | TIMER_IMASK)
      const isMet = (set & TIMER_ENABLE) !== 0n && Number(this.#system[value]!) <= now
      this.#system[control] = isMet ? set | TIMER_ISTATUS : set
    }
  }

  /** When the next interrupt of a timer reaches the PE: not if the guest or the monitor masks it. */
  nextInterrupt(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { control, value, mask } of TIMERS) {
      const isOn = (this.#system[control]! & (TIMER_ENABLE | TIMER_IMASK)) === TIMER_ENABLE
      if (isOn && (this.#system[SYSREG.CNTHCTL_EL2]! & mask) === 0n) next = Math.min(next, Number(this.#system[value]!))
    }
    return next
  }
}
