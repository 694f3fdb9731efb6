import type { Sketch } from '../lab/policy-sketch.ts'

/** What a host may do in a scenario: commands of its interface, and building a Realm that it has ended once more. */
export type HostVerb =
  | 'RMI_GRANULE_DELEGATE'
  | 'RMI_GRANULE_UNDELEGATE'
  | 'RMI_SGT'
  | 'RMI_SGT_DESTROY'
  | 'RMI_REALM_PD'
  | 'RMI_DATA_CREATE_UNKNOWN_SHARED'
  | 'RMI_DATA_DESTROY_SHARED'
  | 'RMI_DATA_CREATE'
  | 'RMI_DATA_CREATE_UNKNOWN'
  | 'RMI_DATA_DESTROY'
  | 'RMI_RTT_CREATE'
  | 'RMI_RTT_DESTROY'
  | 'RMI_RTT_FOLD'
  | 'RMI_RTT_MAP_UNPROTECTED'
  | 'RMI_RTT_UNMAP_UNPROTECTED'
  | 'RMI_RTT_SET_RIPAS'
  | 'RMI_REC_DESTROY'
  | 'RMI_REALM_DESTROY'
  | 'REBUILD'

/** What a guest may do when the host runs it. DECLARE asks for RAM at a page, ASK reads (and clears) its notifications. */
export type GuestVerb =
  | 'UPLOAD'
  | 'LEAVE'
  | 'REJOIN'
  | 'REVOKE'
  | 'NOTIFY'
  | 'CREDIT'
  | 'ASK'
  | 'READ'
  | 'WRITE'
  | 'DECLARE'
  | 'MEASURE'

/** A Realm of a scenario. Images of one number are one image, and have one measurement. */
export interface RealmSpec {
  readonly name: string
  readonly image: number
  /** Whether it has tables for the unprotected half. */
  readonly unprotected?: boolean
}

/** A policy that some of the Realms may upload. */
export interface PolicySpec {
  readonly name: string
  readonly by: readonly string[]
  /** @param rim The measurement of a Realm by its name. */
  readonly sketch: (rim: (realm: string) => Uint8Array) => Sketch
}

/**
 * A small world, and what may be done in it. Nothing else is: the exploration is complete for what stands here, and says
 * nothing of what does not.
 */
export interface Scenario {
  readonly name: string
  /** One sentence. */
  readonly about: string
  readonly realms: readonly RealmSpec[]
  readonly policies: readonly PolicySpec[]
  /**
   * What its author says of the policies: which places may be held at the same time, `left.line + right.line`. Written
   * down by hand, so that nobody but a reader decides it. Pairs that are not here must never meet.
   */
  readonly together: readonly string[]
  /** Granules that the host plays with, named `a`, `b`, `c`…; undelegated at first. */
  readonly pool: number
  /** Granule numbers at which it puts things: in the protected half of every Realm, and in the other. */
  readonly pages: readonly number[]
  readonly windows?: readonly number[]
  /** Whether the shared granule table and the Realms' policy granules come from the pool as well, not from before. */
  readonly bare?: boolean
  /** What has happened before, as actions; all of it has to succeed. */
  readonly before?: readonly string[]
  readonly host: readonly HostVerb[]
  readonly guests: readonly GuestVerb[]
  /** Actions in a row to stop after by default, where there are too many states to see all of them. */
  readonly depth?: number
}
