import type { GranuleIndex } from '@mica/hw-sim'
import type { Identity } from '@mica/policy'
import type { Realm } from '../realm/realm.ts'
import type { FrozenPolicy } from './frozen-policy.ts'
import { History } from './history.ts'
import type { MicaLimits } from './limits.ts'
import { Pace } from './pace.ts'

/** A granule that several Realms may map. Exists while its granule is in state `data-shared`. */
export interface SharedGranule {
  readonly granule: GranuleIndex
  /** The granule of the shared granule table that holds this record. */
  readonly sgt: GranuleIndex
  /** The memory it is part of, once a Realm with a policy holds that. */
  memory: SharedMemory | undefined
}

/**
 * Shared memory that at least one Realm with a policy holds: its granules, in order, and who holds it.
 * INVARIANT: every holder's policy describes exactly these granules in this order, and each granule is part of one
 * memory only.
 */
export interface SharedMemory {
  readonly granules: readonly GranuleIndex[]
  readonly holders: Holder[]
  /** Who has left since it was zeroed: it is zeroed before anyone else gets in. */
  readonly leavers: Set<MicaRealm>
  /** An owner has ended it: nobody gets in any more. */
  revoked: boolean
}

/** A Realm's place in a shared memory. */
export interface Holder {
  readonly member: MicaRealm
  /** Index of the memory in the holder's policy. */
  readonly memory: number
  /** Where the Realm has it. */
  readonly base: number
  /** How many other holders stand in each mapping of this memory, as this holder's policy sees them. */
  readonly admitted: Map<number, number>
}

/** What the extension knows about a Realm that has met it. */
export interface MicaRealm {
  readonly realm: Realm
  /** Granules that hold, or will hold, its policy; in the order in which they came. */
  readonly pds: GranuleIndex[]
  /** Shared granules by the address at which the Realm has them. */
  readonly mappings: Map<number, SharedGranule>
  refusals: number
  frozen: FrozenPolicy | undefined
  /** Memories that it has access to, by their index in its policy. */
  readonly held: Map<number, SharedMemory>
  /** Members that it has shared memory with: by which index each memory goes with them, by its own index. */
  readonly met: Map<MicaRealm, Map<number, number>>
  /** What happened to it since its upload. */
  readonly history: History
  /** Memories of which it has been notified since it last asked, by their index in its policy. */
  readonly notified: Set<number>
  /** Credits that it has received in its life, by memory. */
  readonly credits: Map<number, number>
  /** When it may give the next credit, by memory, and when it may join again. */
  readonly creditPace: Map<number, Pace>
  readonly rejoinPace: Pace
}

/** Records in one granule of the shared granule table: 8 bytes each. */
export const RECORDS_PER_SGT = 512

/** All that the extension keeps. */
export class MicaState {
  readonly limits: MicaLimits
  readonly shared: Map<GranuleIndex, SharedGranule> = new Map()
  /** Granules of the shared granule table that have room for a record. */
  readonly roomySgts: Set<GranuleIndex> = new Set()
  readonly realms: Map<Realm, MicaRealm> = new Map()

  constructor(limits: MicaLimits) {
    this.limits = limits
  }

  /** What is known about a Realm; nothing is recorded for one that the extension has not met. */
  find(realm: Realm): MicaRealm | undefined {
    return this.realms.get(realm)
  }

  /** As {@link MicaState.find}, and begins a record if there is none. */
  of(realm: Realm): MicaRealm {
    const known = this.realms.get(realm)
    if (known !== undefined) return known
    const fresh: MicaRealm = {
      realm,
      pds: [],
      mappings: new Map(),
      refusals: 0,
      frozen: undefined,
      held: new Map(),
      met: new Map(),
      history: new History(realm.hash, realm.rim.length),
      notified: new Set(),
      credits: new Map(),
      creditPace: new Map(),
      rejoinPace: new Pace(),
    }
    this.realms.set(realm, fresh)
    return fresh
  }

  /** Whether shared granules are mapped anywhere in [base, top) of a Realm. */
  sharesMemory(realm: Realm, base: number, top: number): boolean {
    for (const ipa of this.find(realm)?.mappings.keys() ?? []) if (ipa >= base && ipa < top) return true
    return false
  }

  forget(realm: Realm): void {
    const gone = this.realms.get(realm)
    this.realms.delete(realm)
    if (gone === undefined) return
    for (const other of gone.met.keys()) other.met.delete(gone)
  }
}

/** What policies know a Realm by. */
export function identityOf(realm: Realm): Identity {
  return { rim: realm.rim, rpv: realm.identity.rpv }
}
