/**
 * States of a granule (DEN0137 A2.2.1), and those that Mica adds. Small numbers: the tracker keeps one byte a granule.
 *
 * In every state but `undelegated` the granule is in the Realm physical address space, so only the monitor and stage-2
 * tables that it writes reach it.
 */
export const GRANULE_STATE = {
  /**
   * Not given to the Realm world. Content belongs to whoever owns the address space; the monitor reads and writes it
   * only as Non-secure memory, with the granule protection check in between.
   */
  undelegated: 0,

  /**
   * Given to the Realm world, used for nothing.
   * INVARIANT: holds zeroes and has no references; the tracker zeroes on every way into this state.
   */
  delegated: 1,

  /**
   * A Realm descriptor. References: one for each REC of the Realm. The Realm is found by its granule; it exists exactly
   * as long as the granule is in this state.
   */
  rd: 2,

  /** A Realm execution context. No references. Found by its granule, as a Realm is. */
  rec: 3,

  /** An auxiliary granule of a REC, which returns it when it is destroyed. No references. */
  recAux: 4,

  /**
   * A stage-2 translation table. Content: 512 descriptors that hardware walks, see `rtt/entry.ts`. References: one for
   * each entry that is a table, an assigned granule or a shared one; blocks of Non-secure memory take none, so the host
   * may destroy a table that holds only those.
   */
  rtt: 5,

  /**
   * Memory of one Realm.
   * INVARIANT: exactly one entry of exactly one Realm's tables names it, by itself or in a block. No references.
   */
  data: 6,

  /** Mica: holds, or may hold, the policy of one Realm. Belongs to it until it is destroyed. No references. */
  pd: 7,

  /** Mica: part of the shared granule table. References: one for each shared granule recorded in it. */
  sgt: 8,

  /**
   * Mica: memory that several Realms may map. References: one for each mapping.
   * INVARIANT: zeroed with its last reference, and on every change of who may reach it that the extension makes.
   */
  dataShared: 9,
} as const

export type GranuleState = (typeof GRANULE_STATE)[keyof typeof GRANULE_STATE]

const names = ['undelegated', 'delegated', 'rd', 'rec', 'rec-aux', 'rtt', 'data', 'pd', 'sgt', 'data-shared'] as const

/** The name of a state, as events and people spell it. */
export function granuleStateName(state: GranuleState): string {
  return names[state]
}
