import type { Monitor } from '../monitor.ts'
import { signalEvent } from '../rec/wait.ts'
import type { Holder, MicaRealm, SharedMemory } from './state.ts'

/** The holders of a memory, other than one, whose own policy gives them a right. */
export function othersWith(right: number, memory: SharedMemory, self: MicaRealm): readonly Holder[] {
  return memory.holders.filter(({ member, memory: index }) => {
    return member !== self && (member.frozen!.memory(index)!.rights & right) !== 0
  })
}

/** Marks a holder's memory as notified, and lets every REC of it that waits, or waits next, go on. */
export function signal(monitor: Monitor, { member, memory }: Pick<Holder, 'member' | 'memory'>): void {
  member.notified.add(memory)
  for (const rec of monitor.recs.values()) if (rec.realm === member.realm) signalEvent(rec)
}
