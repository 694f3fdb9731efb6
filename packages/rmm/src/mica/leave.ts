import { type GeneralRegisters, GRANULE_SIZE } from '@mica/hw-sim'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { type CallResult, rsiInputError, rsiStateError, rsiSuccess } from '../rsi/result.ts'
import { NO_RIGHTS, type SharedRights } from '../rtt/entry.ts'
import { emitMap, rightsText } from '../rtt/event.ts'
import { walkTables, writeEntry } from '../rtt/walk.ts'
import { placeIn } from './admission.ts'
import { callingMember, memoriesArgument } from './arguments.ts'
import { emitMemory } from './event.ts'
import type { Holder, MicaRealm, MicaState, SharedMemory } from './state.ts'

/**
 * Sets what a Realm may do with every page of a shared memory that it holds.
 *
 * INVARIANT: who holds a memory has all of its pages: the host takes none out before all access has ended.
 */
export function setRights(monitor: Monitor, holder: Holder, memory: SharedMemory, rights: SharedRights): void {
  const { realm } = holder.member
  for (const [offset, granule] of memory.granules.entries()) {
    const ipa = holder.base + offset * GRANULE_SIZE
    const position = walkTables(monitor.memory, realm, ipa, 3)
    const address = monitor.memory.addressOf(granule)
    writeEntry(monitor.memory, position, position.index, { state: 'shared', address, rights })
    emitMap(monitor, realm, ipa, address, rightsText(rights.read, rights.write, rights.execute))
  }
}

/**
 * Ends a Realm's access to a shared memory, if it has any. Policy and everything else stay in force.
 *
 * INVARIANT: pages are looked up at every access, so no access that is checked before this returns lands after it.
 *
 * @param why What the Realm's history says of it.
 */
export function leaveMemory(
  monitor: Monitor,
  member: MicaRealm,
  memory: SharedMemory,
  why: 'leave' | 'revoke' = 'leave',
): void {
  const index = memory.holders.findIndex((holder) => holder.member === member)
  const holder = memory.holders[index]
  if (holder === undefined) return
  memory.holders.splice(index, 1)
  member.held.delete(holder.memory)
  member.history.record(why, holder.memory)
  setRights(monitor, holder, memory, NO_RIGHTS)
  memory.leavers.add(member)
  const { identity } = member.frozen!
  for (const other of memory.holders) {
    const place = placeIn(other.member.frozen!.policy, other.memory, identity)
    other.admitted.set(place, other.admitted.get(place)! - 1)
  }
  emitMemory(monitor, memory, member.frozen!.policy.memories[holder.memory]!.name)
}

/**
 * Gives up the caller's access to the memory x1 of its policy, or to all. Nothing else loosens: policy, transitions and
 * what the host may not map stay, and so do the mappings, until the host takes them out.
 *
 * @returns In order: `RSI_ERROR_STATE` without a policy; `RSI_ERROR_INPUT` if the caller has no place in such a memory;
 *   `RSI_ERROR_STATE` if it holds none of what it names; otherwise `RSI_SUCCESS`, and no PE of the Realm has access.
 */
export function leave(state: MicaState, monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const caller = callingMember(state, rec)
  if (caller === undefined) return rsiStateError()
  const named = memoriesArgument(caller, x)
  if (named === undefined) return rsiInputError()
  const held = named.flatMap(({ memory }) => caller.held.get(memory) ?? [])
  if (held.length === 0) return rsiStateError()
  for (const memory of held) leaveMemory(monitor, caller, memory)
  return rsiSuccess()
}
