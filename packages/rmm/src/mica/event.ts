import { hex, hexBytes } from '../event-text.ts'
import type { Monitor } from '../monitor.ts'
import type { Realm } from '../realm/realm.ts'
import type { Refusal } from './refusal.ts'
import type { SharedMemory } from './state.ts'

/** A memory is active while two Realms or more hold it. */
const ACTIVE = 2

/** Reports who holds a shared memory from now on. */
export function emitMemory(monitor: Monitor, memory: SharedMemory, name: string): void {
  const holders = memory.holders.map(({ member }) => hex(member.realm.rd))
  monitor.events.emit({ event: 'memory', name, state: holders.length >= ACTIVE ? 'active' : 'inactive', holders })
}

export function emitAccepted(monitor: Monitor, realm: Realm, digest: Uint8Array): void {
  monitor.events.emit({ event: 'policy', rd: hex(realm.rd), decision: 'accepted', digest: hexBytes(digest) })
}

/** Reports a refusal, with facts that the Realm itself is not told. */
export function emitRefused(monitor: Monitor, realm: Realm, { step, rule, facts }: Refusal): void {
  monitor.events.emit({ event: 'policy', rd: hex(realm.rd), decision: 'refused', step, rule, facts })
}
