import { hex } from '../event-text.ts'
import type { Monitor } from '../monitor.ts'
import type { Realm } from '../realm/realm.ts'

/** Reports that an address leads to a granule or block from now on, with these rights: `r`, `rw`, `rwx`, `-`. */
export function emitMap(monitor: Monitor, realm: Realm, ipa: number, pa: number, rights: string): void {
  if (!monitor.events.enabled) return
  monitor.events.emit({ event: 'map', rd: hex(realm.rd), ipa: hex(ipa), pa: hex(pa), rights })
}

/** Reports that an address leads nowhere from now on. */
export function emitUnmap(monitor: Monitor, realm: Realm, ipa: number, pa: number): void {
  if (!monitor.events.enabled) return
  monitor.events.emit({ event: 'unmap', rd: hex(realm.rd), ipa: hex(ipa), pa: hex(pa), rights: '-' })
}

/** Rights as events write them. */
export function rightsText(read: boolean, write: boolean, execute: boolean): string {
  return `${read ? 'r' : ''}${write ? 'w' : ''}${execute ? 'x' : ''}` || '-'
}
