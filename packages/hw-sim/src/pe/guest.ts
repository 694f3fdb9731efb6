import type { EventLog } from '../event.ts'
import type { PhysicalMemory } from '../physical-memory.ts'
import type { GeneralRegisters } from '../registers.ts'
import type { Stage2Root } from '../stage2/walk.ts'
import type { Syndrome } from '../syndrome.ts'
import type { SystemRegisters } from '../system-registers.ts'
import type { SystemCounter } from './system-counter.ts'

/** The state a REC's first entry starts from. */
export interface GuestStart {
  /** Physical address of the REC, in hexadecimal: names the guest in events. */
  readonly rec: string
  readonly stage2: Stage2Root
  readonly pc: bigint
  /** From x0 on, at most 31; the others start as zero. */
  readonly gprs: readonly bigint[]
}

/** Why a guest stopped running. ELR_EL2 is then the instruction that did not complete, or is next. */
export type GuestExit =
  /** It executed SMC, met an abort, or anything else that leads to EL2. */
  | { readonly kind: 'sync'; readonly syndrome: Syndrome }
  /** A physical interrupt: its quantum is used up, a timer asks for the monitor, or it waits with nothing else to do. */
  | { readonly kind: 'irq' }
  | { readonly kind: 'fiq' }
  /** A physical SError; ESR_EL2 says how bad it is. */
  | { readonly kind: 'serror'; readonly esr: bigint }

/**
 * What runs inside a REC, seen from the monitor: the registers of its PE, and resume until the next exit.
 *
 * How an interrupted instruction goes on is what ELR_EL2 says at the next entry, as in hardware: unchanged, it is
 * executed again; {@link INSTRUCTION_SIZE} further, it is done, and a load has what is in its register
 * ({@link TRANSFER_REGISTER}); at the vectors (VBAR_EL1), it is ended by the exception that ESR_EL1 names.
 *
 * SIMPLIFIED: the context of a guest (its stack, its heap) lives with the guest and not in the REC's granules, so a
 * REC cannot move between machines; nothing in RMM 1.0 does that.
 */
export interface Guest {
  readonly x: GeneralRegisters
  readonly system: SystemRegisters
  resume(): GuestExit
  /** Ends the guest, whatever it is doing. */
  stop(): void
}

/** Makes the guest of a REC at its first entry. */
export type GuestFactory = (start: GuestStart) => Guest

/** What the machine gives to the PEs that its guests run on. */
export interface PeParts {
  readonly memory: PhysicalMemory
  readonly events: EventLog
  /** What the PEs of the machine have worked, together. */
  readonly clock: SystemCounter
  /** What a guest's random number generator is derived from, with the REC's address and the count of guests. */
  readonly seed: Uint8Array
  /** PE instructions (as {@link INSTRUCTION_COST} weighs them) between two physical interrupts. */
  readonly quantum: number
}

/** Makes a kind of guest on the PEs of a machine that is being built. */
export type GuestMaker = (start: GuestStart, parts: PeParts) => Guest
