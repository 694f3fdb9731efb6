/**
 * What a PE instruction costs of a guest's quantum: one, and one more for every 64 bytes that move. A call to the
 * monitor counts for as many instructions as the monitor executes, roughly, so that a guest that does nothing but
 * call it is preempted in good time.
 */
export const INSTRUCTION_COST = { one: 1, bytesPerUnit: 64, smc: 512 } as const

/** The quantum when nothing else is said: about 20 ms of single accesses, or 64 MiB of copying, or 2,048 calls. */
export const DEFAULT_QUANTUM: number = 2 ** 20

/** What an instruction that moves `length` bytes costs. */
export function costOfMoving(length: number): number {
  return INSTRUCTION_COST.one + length / INSTRUCTION_COST.bytesPerUnit
}

/**
 * The timer of a PE in units of work instead of time: the same program is interrupted at the same instruction in every
 * run. Only an interrupt starts it anew; other exits do not, so a guest that keeps calling the monitor is preempted too.
 */
export class Quantum {
  readonly #size: number
  #left: number

  constructor(size: number) {
    this.#size = size
    this.#left = size
  }

  /** Charges the next instruction; false, and nothing charged, when the interrupt comes first. */
  charge(cost: number): boolean {
    if (this.#left <= 0) return false
    this.#left -= cost
    return true
  }

  /** Starts the quantum anew: after any interrupt. */
  restart(): void {
    this.#left = this.#size
  }
}
