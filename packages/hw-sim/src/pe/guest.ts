import type { EventLog } from '../event.ts'
import type { PhysicalMemory } from '../physical-memory.ts'
import type { GeneralRegisters } from '../registers.ts'
import type { Stage2Root } from '../stage2/walk.ts'
import type { AbortSyndrome } from '../syndrome.ts'

/** The state a REC's first entry starts from. */
export interface GuestStart {
  /** Physical address of the REC, in hexadecimal: names the guest in events. */
  readonly rec: string
  readonly stage2: Stage2Root
  readonly pc: number
  /** x0 to x7; the others start as zero. */
  readonly gprs: readonly bigint[]
}

/** What the monitor sets before it returns to a guest. General registers are set in {@link Guest.x}. */
export interface GuestEntry {
  /** An exception that the guest takes first: a synchronous external abort, or an undefined instruction. */
  readonly inject?: 'sea' | 'undefined' | undefined
  /** HCR_EL2.TWI: whether WFI leaves to the monitor instead of waiting on the PE. */
  readonly trapWfi: boolean
}

/** Why a guest stopped running. */
export type GuestExit =
  /** It executed SMC; function identifier and arguments are in {@link Guest.x}. */
  | { readonly kind: 'smc' }
  /** Stage 2 or the granule protection check refused an access. */
  | { readonly kind: 'abort'; readonly syndrome: AbortSyndrome }
  /** It executed WFI while `trapWfi` was set. */
  | { readonly kind: 'wfi' }
  /** A physical interrupt: its quantum is used up, or it waits for an interrupt with nothing else to do. */
  | { readonly kind: 'irq' }

/**
 * What runs inside a REC, seen from the monitor: registers, and resume until the next exit.
 *
 * SIMPLIFIED: the context of a guest (its stack, its heap) lives with the guest and not in the REC's granules, so a
 * REC cannot move between machines; nothing in RMM 1.0 does that.
 */
export interface Guest {
  readonly x: GeneralRegisters
  resume(entry: GuestEntry): GuestExit
  /** Ends the guest, whatever it is doing. */
  stop(): void
}

/** Makes the guest of a REC at its first entry. */
export type GuestFactory = (start: GuestStart) => Guest

/** What the machine gives to the PEs that its guests run on. */
export interface PeParts {
  readonly memory: PhysicalMemory
  readonly events: EventLog
  /** What a guest's random number generator is derived from, with the REC's address and the count of guests. */
  readonly seed: Uint8Array
  /** PE instructions (as {@link INSTRUCTION_COST} weighs them) between two physical interrupts. */
  readonly quantum: number
}

/** Makes a kind of guest on the PEs of a machine that is being built. */
export type GuestMaker = (start: GuestStart, parts: PeParts) => Guest
