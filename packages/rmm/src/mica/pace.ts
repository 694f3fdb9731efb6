import { SYSREG } from '@mica/hw-sim'
import type { Monitor } from '../monitor.ts'
import type { Realm } from '../realm/realm.ts'
import type { Rec } from '../rec/rec.ts'

/**
 * Lets a Realm do something at most once per quantum, by the time of each PE of its own: whichever REC does it next has
 * worked or waited for a quantum since any of them did. It says nothing of, and nothing to, anybody else.
 */
export class Pace {
  readonly last: Map<Rec, number> = new Map()

  /** Whether enough time has passed for this REC. */
  isDue(rec: Rec, quantum: number): boolean {
    const last = this.last.get(rec)
    if (last === undefined) return true
    const now = timeOf(rec)
    // A REC that was turned off and on again counts from zero: at least so much has passed.
    return (now < last ? now : now - last) >= quantum
  }

  /** Takes note that it was done now. */
  mark(monitor: Monitor, realm: Realm): void {
    for (const rec of monitor.recs.values()) if (rec.realm === realm) this.last.set(rec, timeOf(rec))
  }
}

/** The count of a REC's PE at its last exit. It stands still while the REC does not run. */
function timeOf({ guest }: Rec): number {
  return guest === undefined ? 0 : Number(guest.system[SYSREG.CNTVCT_EL0])
}
