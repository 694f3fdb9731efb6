import { hex, hexBytes } from '../event-text.ts'
import type { Monitor } from '../monitor.ts'
import type { Realm, RealmState } from './realm.ts'

/** Reports the state that a Realm has reached, with its measurement. */
export function emitRealm(monitor: Monitor, realm: Realm, state: RealmState | 'destroyed'): void {
  if (!monitor.events.enabled) return
  monitor.events.emit({ event: 'realm', rd: hex(realm.rd), state, rim: hexBytes(realm.rim) })
}
