import type { EventLog } from '../event.ts'
import type { AccessFault } from './access.ts'

/** Reports an access that stage 2 or the granule protection check refused. */
export function reportFault(events: EventLog, rec: string, fault: Readonly<AccessFault>): void {
  if (!events.enabled) return
  const ipa = `0x${fault.ipa.toString(16)}`
  events.emit({ event: 'fault', rec, access: fault.kind, ipa, fault: fault.fault, level: fault.level })
}
