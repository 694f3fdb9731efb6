import type { Monitor } from './monitor.ts'
import type { Realm } from './realm/realm.ts'
import type { RmiCommand } from './rmi/result.ts'
import type { RsiCommand } from './rsi/result.ts'

/**
 * What can be added to the base monitor: commands of its own, and a say when a Realm ends. Policies that it freezes
 * reach the base as `Realm.policy`. Without an extension all its function identifiers are unknown.
 */
export interface Extension {
  readonly rmi: ReadonlyMap<number, RmiCommand>
  readonly rsi: ReadonlyMap<number, RsiCommand>
  /** All that the extension keeps, for laboratory views and tests. */
  readonly state: object
  /** Whether any of a Realm's protected addresses in [base, top) is shared memory. */
  sharesMemory(realm: Realm, base: number, top: number): boolean
  /** Called by RMI_REALM_DESTROY once nothing can fail any more: gives back what the extension holds for the Realm. */
  realmDestroyed(monitor: Monitor, realm: Realm): void
}
