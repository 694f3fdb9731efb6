import type { RmiRecExit } from '@mica/rmm/abi'

/** ICH_LR<n>_EL2 (Arm IHI 0069, 12.4.6): a pending interrupt of group 1. */
const LR_STATE = 3n << 62n
const LR_PENDING = 1n << 62n
const LR_GROUP_1 = 1n << 60n
const LR_PRIORITY = 0x80n << 48n
/** The lowest bit of a priority that every machine has. */
const LR_OTHER_PRIORITY = 8n << 48n
const LR_INTID = 0xffff_ffffn

/** CNT<x>_CTL_EL0: enabled, not masked, its time has come. */
const TIMER_BITS = 7n
const TIMER_ASSERTED = 5n

/** Interrupts of the timers of a virtual CPU (Arm BSA): the virtual and the physical one. */
export const TIMER_INTIDS = { virtual: 27, physical: 30 } as const

/** The virtual interrupts of one virtual CPU: what it is given at entries, one at a time, and what is still to come. */
export class VirtualInterrupts {
  /** The one list register in use. */
  #register = 0n
  readonly #waiting: number[] = []

  /** Asks for an interrupt. One that is asked for already is not asked for twice. */
  raise(intid: number): void {
    if (this.#waiting.includes(intid)) return
    if (!this.#holds(intid)) {
      this.#waiting.push(intid)
      return
    }
    // A monitor that does not show what became of a register takes one that is other than before for a new interrupt.
    this.#register = (this.#register | LR_PENDING) ^ LR_OTHER_PRIORITY
  }

  /** List registers of the next entry. */
  registers(): bigint[] {
    if ((this.#register & LR_STATE) === 0n) {
      const next = this.#waiting.shift()
      if (next !== undefined) this.#register = LR_PENDING | LR_GROUP_1 | LR_PRIORITY | BigInt(next)
    }
    return [this.#register]
  }

  /** Learns from an exit what the guest has done with its interrupts, and which of its timers want one. */
  learn(exit: RmiRecExit): void {
    // Nothing of the guest's interface is shown: it has none, or the exit tells nothing. What was given counts as taken.
    const isShown = exit.gicv3_vmcr !== 0n
    this.#register = isShown || this.#waiting.length === 0 ? (exit.gicv3_lrs[0] ?? 0n) : 0n
    if (isAsserted(exit.cntv_ctl)) this.#raiseOnce(TIMER_INTIDS.virtual)
    if (isAsserted(exit.cntp_ctl)) this.#raiseOnce(TIMER_INTIDS.physical)
  }

  /** A timer goes on asking until it is served. */
  #raiseOnce(intid: number): void {
    if (!this.#holds(intid)) this.raise(intid)
  }

  #holds(intid: number): boolean {
    return (this.#register & LR_STATE) !== 0n && (this.#register & LR_INTID) === BigInt(intid)
  }
}

function isAsserted(control: bigint): boolean {
  return (control & TIMER_BITS) === TIMER_ASSERTED
}
