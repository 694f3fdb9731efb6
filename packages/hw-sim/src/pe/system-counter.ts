import { SYSREG, type SystemRegisters } from '../system-registers.ts'

/** Nanoseconds of a tick of CNTVCT_EL0, and of the machine's clock. */
export const TICK_NS = 20

/**
 * The clock of a machine: all that its PEs have worked and waited since it booted. No instruction of a guest reads it,
 * for it tells how much others run; the monitor may.
 *
 * SIMPLIFIED: PEs take turns, so time passes for the machine only while one of them runs, and not for the host at all.
 */
export class SystemCounter {
  #ticks = 0

  /** Nanoseconds since the machine booted. Never goes back. */
  get nanoseconds(): number {
    return Math.floor(this.#ticks) * TICK_NS
  }

  /** Adds what one PE has done. */
  advance(ticks: number): void {
    this.#ticks += ticks
  }
}

/** What one PE adds to its machine's clock: whatever its own count has gone on by since the last time. */
export class CountedPe {
  readonly #counter: SystemCounter
  readonly #system: SystemRegisters
  #counted = 0

  constructor(counter: SystemCounter, system: SystemRegisters) {
    this.#counter = counter
    this.#system = system
  }

  /** After an exit, which has set CNTVCT_EL0. */
  count(): void {
    const now = Number(this.#system[SYSREG.CNTVCT_EL0])
    this.#counter.advance(now - this.#counted)
    this.#counted = now
  }
}
