import { hex } from '../event-text.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from './rec.ts'

/** Reports that a REC came into being, ran for the first time, or was destroyed. */
export function emitRec(monitor: Monitor, rec: Rec, state: 'created' | 'started' | 'destroyed'): void {
  if (!monitor.events.enabled) return
  monitor.events.emit({ event: 'rec', rec: hex(rec.address), rd: hex(rec.realm.rd), state })
}
