/**
 * The instruction set that a PE gives to an image: the only thing in an image's global scope that is not part of the
 * language. Everything else, this SDK included, is code of the image.
 *
 * Addresses are intermediate physical addresses in bytes. An access that stage 2 refuses, and that the monitor answers
 * with an abort, throws an error named {@link SYNCHRONOUS_EXTERNAL_ABORT}. Where there is a device of the host instead of
 * memory, loads and stores of 32 and 64 bits reach it.
 */
export interface Instructions {
  /** Copies bytes out of memory. */
  load(ipa: number, length: number): Uint8Array
  store(ipa: number, bytes: Uint8Array): void
  load32(ipa: number): number
  store32(ipa: number, value: number): void
  load64(ipa: number): bigint
  store64(ipa: number, value: bigint): void
  /** Copies within memory. */
  copy(toIpa: number, fromIpa: number, length: number): void
  /** SMC: registers x0 and on go in, missing ones are zero; x0 to x30 come back. */
  smc(x: readonly bigint[]): bigint[]
  /** Waits until something may have happened. */
  wfi(): void
  /** Waits for an event, if the host wants to know of that. */
  wfe(): void
  /** Reads a system register by the architecture's name: interrupts (`ICC_*_EL1`), timers (`CNT*_EL0`), identification. */
  mrs(name: string): bigint
  msr(name: string, value: bigint): void
  /** RNDR: random bytes. */
  rndr(length: number): Uint8Array
}

/** Name of the error that an injected abort throws. */
export const SYNCHRONOUS_EXTERNAL_ABORT = 'SynchronousExternalAbort'

declare const pe: Instructions | undefined

/**
 * The PE's instructions, raw: for code that does without the SDK, and for tests of what stage 2 refuses.
 *
 * @throws Error outside a Realm.
 */
export function instructions(): Instructions {
  if (typeof pe === 'undefined') throw new Error('there is no PE here: this code does not run in a Realm')
  return pe
}
