import { physicalAddressOf } from '@mica/hw-sim'
import { RIPAS_EMPTY } from '../abi/index.ts'
import { GRANULE_STATE } from '../granule/state.ts'
import { invariant } from '../invariant.ts'
import type { Monitor } from '../monitor.ts'
import { inputError, type RmiArguments, type RmiResult, rttError, success } from '../rmi/result.ts'
import { isProtectedPage } from '../rtt/arguments.ts'
import { emitUnmap } from '../rtt/event.ts'
import { skipTo, walkTables, writeEntry } from '../rtt/walk.ts'
import { leaveMemory } from './leave.ts'
import type { MicaState } from './state.ts'

/**
 * Takes a shared granule out of a Realm. If the Realm has access to the memory that it is part of, all of that access
 * ends first. With its last mapping the granule is zeroed and `delegated`.
 *
 * @returns In order: `RMI_ERROR_INPUT` if `rd` is not a Realm descriptor or `ipa` not a protected page; `RMI_ERROR_RTT`
 *   with the level reached if no shared granule is there; otherwise `RMI_SUCCESS`. x1 is the granule, x2 how far to
 *   skip, x2 also with `RMI_ERROR_RTT`.
 */
export function dataDestroyShared(state: MicaState, monitor: Monitor, [rd, ipa]: RmiArguments): RmiResult {
  const { granules, memory } = monitor
  const realm = monitor.realmAt(rd)
  if (realm === undefined) return inputError(0, 0)
  if (!isProtectedPage(realm, ipa)) return inputError(0, 0)
  const position = walkTables(memory, realm, ipa, 3)
  const { level, entry } = position
  // INVARIANT: only entries of level 3 are shared.
  if (entry.state !== 'shared') return rttError(level, 0, skipTo(memory, position, ipa))
  const granule = memory.granuleIndex(physicalAddressOf(entry.address))
  invariant(granule !== undefined, 'a shared entry names a granule')
  const member = state.of(realm)
  const shared = member.mappings.get(ipa)
  invariant(shared?.granule === granule, 'a shared entry and the record of its mapping agree')

  if (shared.memory !== undefined) leaveMemory(monitor, member, shared.memory)
  writeEntry(memory, position, position.index, { state: 'unassigned', ripas: RIPAS_EMPTY })
  granules.dropReference(position.table)
  granules.dropReference(granule)
  member.mappings.delete(ipa)
  emitUnmap(monitor, realm, ipa, entry.address)
  if (granules.references(granule) === 0) {
    state.shared.delete(granule)
    granules.dropReference(shared.sgt)
    state.roomySgts.add(shared.sgt)
    granules.move(granule, GRANULE_STATE.delegated)
  }
  return success(entry.address, skipTo(memory, position, ipa))
}
