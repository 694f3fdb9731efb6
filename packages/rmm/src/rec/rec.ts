import type { GranuleIndex, Guest, GuestEntry, PhysicalAddress } from '@mica/hw-sim'
import type { TokenRequest } from '../attestation/token-request.ts'
import type { Realm } from '../realm/realm.ts'

/** What a REC waits for before its guest goes on. */
export type PendingOperation =
  | { readonly kind: 'none' }
  /** The host's answers go into the RsiHostCall at `ipa`. With `discard` they are not taken. */
  | { readonly kind: 'host-call'; readonly ipa: number; readonly discard: boolean }
  /** A call of the Realm met memory that the host had to provide: it is made again. */
  | { readonly kind: 'retry-call' }

export const NOTHING_PENDING: PendingOperation = { kind: 'none' }

/**
 * A Realm execution context: what its granule stands for. Found by that granule, through the monitor.
 */
export class Rec {
  readonly granule: GranuleIndex
  readonly address: PhysicalAddress
  readonly realm: Realm
  readonly aux: readonly GranuleIndex[]
  readonly mpidr: number
  readonly pc: bigint
  readonly gprs: readonly bigint[]
  runnable: boolean
  /** Whether a PE is in RMI_REC_ENTER with it. */
  running = false
  /** Made at the first entry. */
  guest: Guest | undefined
  pending: PendingOperation = NOTHING_PENDING
  /** Whether the last exit was a data abort at an unprotected address: only then may the host inject an SEA. */
  mayInjectSea = false
  /** What the guest takes first when it goes on. */
  inject: GuestEntry['inject']
  /** Tokens that the Realm is reading, by the function identifier that continues them. */
  readonly tokens: Map<number, TokenRequest> = new Map()

  constructor(fields: Pick<Rec, 'granule' | 'address' | 'realm' | 'aux' | 'mpidr' | 'pc' | 'gprs' | 'runnable'>) {
    this.granule = fields.granule
    this.address = fields.address
    this.realm = fields.realm
    this.aux = fields.aux
    this.mpidr = fields.mpidr
    this.pc = fields.pc
    this.gprs = fields.gprs
    this.runnable = fields.runnable
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
