import type { TransitionClass } from '@mica/policy'
import { encodeRmiRecExit, RMI_EXIT_IRQ, type RmiRecEnter, type RmiRecExit } from '../abi/index.ts'

/** An exit to the host that is about to happen: what the base would show of it, and what kind of transition it is. */
export interface RecExit {
  readonly class: TransitionClass
  /** Function identifier, exception class, or interrupt number. */
  readonly id: number
  /** What the host sees if the transition is allowed. Members left out are zero. */
  readonly record: Partial<RmiRecExit>
}

/**
 * The exit record of a page of the host's. Its virtual interrupts are those that it gave.
 *
 * SIMPLIFIED: no interrupt controller delivers virtual interrupts to guests, so list registers return as they came;
 * timers and performance counters are absent and read as zero.
 */
export function exitRecord(record: Partial<RmiRecExit>, enter: RmiRecEnter, listRegisters: number): Uint8Array {
  const gicv3_lrs = enter.gicv3_lrs.slice(0, listRegisters)
  return encodeRmiRecExit({ ...record, gicv3_hcr: enter.gicv3_hcr, gicv3_lrs })
}

/**
 * What the host sees of every scrubbed exit, whatever the guest did: that it runs no more, and nothing else. Only the
 * list registers are its own.
 */
export function scrubbedRecord(enter: RmiRecEnter, listRegisters: number): Uint8Array {
  return encodeRmiRecExit({ exit_reason: RMI_EXIT_IRQ, gicv3_lrs: enter.gicv3_lrs.slice(0, listRegisters) })
}
