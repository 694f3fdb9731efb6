/**
 * What a PE instruction costs of a guest's quantum: one, and one more for every 64 bytes that move. A call to the
 * monitor, and an abort or a system register that traps to it, counts for as many instructions as the monitor executes,
 * roughly, so that a guest that does nothing else is preempted in good time.
 */
export const INSTRUCTION_COST = { one: 1, bytesPerUnit: 64, smc: 512, trap: 512 } as const

/** The quantum when nothing else is said: about 20 ms of single accesses, or 64 MiB of copying, or 2,048 calls. */
export const DEFAULT_QUANTUM: number = 2 ** 20

/** What an instruction that moves `length` bytes costs. */
export function costOfMoving(length: number): number {
  return INSTRUCTION_COST.one + length / INSTRUCTION_COST.bytesPerUnit
}
