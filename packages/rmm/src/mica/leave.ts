import { GRANULE_SIZE } from '@mica/hw-sim'
import { fittingMappings } from '@mica/policy'
import type { Monitor } from '../monitor.ts'
import { NO_RIGHTS, type SharedRights } from '../rtt/entry.ts'
import { emitMap, rightsText } from '../rtt/event.ts'
import { walkTables, writeEntry } from '../rtt/walk.ts'
import { emitMemory } from './event.ts'
import type { Holder, MicaRealm, SharedMemory } from './state.ts'

/** Sets what a Realm may do with every page of a shared memory that it holds. */
export function setRights(monitor: Monitor, holder: Holder, memory: SharedMemory, rights: SharedRights): void {
  const { realm } = holder.member
  for (const [offset, granule] of memory.granules.entries()) {
    const ipa = holder.base + offset * GRANULE_SIZE
    const position = walkTables(monitor.memory, realm, ipa, 3)
    const { entry } = position
    // A page that the host has taken out already has nothing to lose.
    if (entry.state !== 'shared') continue
    writeEntry(monitor.memory, position, position.index, { ...entry, rights })
    const text = rightsText(rights.read, rights.write, rights.execute)
    emitMap(monitor, realm, ipa, monitor.memory.addressOf(granule), text)
  }
}

/** Ends a Realm's access to a shared memory, if it has any. Policy and everything else stay in force. */
export function leaveMemory(monitor: Monitor, member: MicaRealm, memory: SharedMemory): void {
  const index = memory.holders.findIndex((holder) => holder.member === member)
  const holder = memory.holders[index]
  if (holder === undefined) return
  memory.holders.splice(index, 1)
  setRights(monitor, holder, memory, NO_RIGHTS)
  memory.vacated = true
  const { identity } = member.frozen!
  for (const other of memory.holders) {
    const mapping = fittingMappings(other.member.frozen!.policy, other.memory, identity)[0]!
    other.admitted.set(mapping, other.admitted.get(mapping)! - 1)
  }
  emitMemory(monitor, memory, member.frozen!.policy.memories[holder.memory]!.name)
}
