import type { GranuleIndex, Guest, PhysicalAddress, Syndrome, SystemRegisters } from '@mica/hw-sim'
import type { TokenRequest } from '../attestation/token-request.ts'
import type { PsciRequest } from '../psci/request.ts'
import type { Realm } from '../realm/realm.ts'
import type { RipasChange } from '../rsi/ipa-state-set.ts'

/** What a REC waits for before its guest goes on. */
export type PendingOperation =
  | { readonly kind: 'none' }
  /** The host's answers go into the RsiHostCall at `ipa`. With `discard` they are not taken. */
  | { readonly kind: 'host-call'; readonly ipa: number; readonly discard: boolean }
  /** RMI_RTT_SET_RIPAS carries it out as far as it comes; the next entry ends it. With `discard` it never began. */
  | (RipasChange & { readonly kind: 'ripas-change'; readonly discard: boolean })
  /** Another REC is concerned: until RMI_PSCI_COMPLETE has put the answer into its registers, the REC is not entered. */
  | { readonly kind: 'psci'; readonly request: PsciRequest }

export const NOTHING_PENDING: PendingOperation = { kind: 'none' }

/**
 * A Realm execution context: what its granule stands for. Found by that granule, through the monitor.
 */
export class Rec {
  readonly granule: GranuleIndex
  readonly address: PhysicalAddress
  readonly realm: Realm
  readonly aux: readonly GranuleIndex[]
  /** Which of the Realm's RECs it is, counted from 0. */
  readonly index: number
  readonly mpidr: number
  /** Where its guest starts, and with which registers: as RMI_REC_CREATE or, later, PSCI_CPU_ON says. */
  pc: bigint
  gprs: readonly bigint[]
  /** System registers of its guest before it was turned on again: it keeps all but where it starts. */
  system: SystemRegisters | undefined
  /** Whether it is on, in the sense of PSCI. */
  runnable: boolean
  /** Whether a PE is in RMI_REC_ENTER with it. */
  running = false
  /** Made at the first entry. */
  guest: Guest | undefined
  pending: PendingOperation = NOTHING_PENDING
  /** The abort that the last exit was about, if the host may answer it. */
  lastAbort: Syndrome | undefined
  /** Whether the vector registers of the PE are the guest's: from their first use after an entry on. */
  hasVectors = false
  /** The SError that the guest takes when it goes on, as VSESR_EL2 describes it. */
  serror: bigint | undefined
  /** Whether an event has come that the guest has not waited for yet: its next WFI goes on at once. */
  hasEvent = false
  /** HCR_EL2 traps that the host asked for at this entry. */
  hostTraps = 0n
  /** List registers as the host gave them, if the last exit did not show it what became of them. */
  unseenInterrupts: readonly bigint[] | undefined
  /** Tokens that the Realm is reading, by the function identifier that continues them. */
  readonly tokens: Map<number, TokenRequest> = new Map()

  constructor(
    fields: Pick<Rec, 'granule' | 'address' | 'realm' | 'aux' | 'index' | 'mpidr' | 'pc' | 'gprs' | 'runnable'>,
  ) {
    this.granule = fields.granule
    this.address = fields.address
    this.realm = fields.realm
    this.aux = fields.aux
    this.index = fields.index
    this.mpidr = fields.mpidr
    this.pc = fields.pc
    this.gprs = fields.gprs
    this.runnable = fields.runnable
  }

  /**
   * PSCI_CPU_ON: what ran ends, and the next entry starts anew at `entryPoint` with `context` in x0. Other registers
   * keep what they held.
   */
  restart(entryPoint: bigint, context: bigint): void {
    this.gprs = [context, ...(this.guest?.x ?? this.gprs).slice(1)]
    this.pc = entryPoint
    this.system = this.guest?.system.slice() ?? this.system
    this.guest?.stop()
    this.guest = undefined
    this.runnable = true
  }
}

/** The MPIDR of a Realm's REC by its index: Aff0 takes 4 bits of it, Aff1 to Aff3 take 8 each. */
export function mpidrOf(index: number): number {
  const aff0 = index % 16
  const aff1 = Math.floor(index / 16) % 256
  const aff2 = Math.floor(index / 4096) % 256
  const aff3 = Math.floor(index / 2 ** 20) % 256
  return aff0 + aff1 * 2 ** 8 + aff2 * 2 ** 16 + aff3 * 2 ** 24
}
