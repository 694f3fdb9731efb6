import type { GranuleIndex } from '@mica/hw-sim'
import { RIPAS_EMPTY } from '../abi/index.ts'
import { GRANULE_STATE } from '../granule/state.ts'
import type { Monitor } from '../monitor.ts'
import { inputError, type RmiArguments, type RmiResult, realmError, rttError, success } from '../rmi/result.ts'
import { isProtectedPage } from '../rtt/arguments.ts'
import { NO_RIGHTS } from '../rtt/entry.ts'
import { emitMap } from '../rtt/event.ts'
import { walkTables, writeEntry } from '../rtt/walk.ts'
import { type MicaState, RECORDS_PER_SGT, type SharedGranule } from './state.ts'

/**
 * Maps a granule as shared memory, without access: a policy may open it later. A granule not shared yet is recorded.
 *
 * @returns In order: `RMI_ERROR_INPUT` if `data` is neither `delegated` nor shared, or `rd` not a Realm descriptor;
 *   `RMI_ERROR_REALM` if the Realm has a policy; `RMI_ERROR_INPUT` if `ipa` is not a protected page; `RMI_ERROR_RTT`
 *   with the level reached if there is no table for it, with 3 if something is there or the address is not declared
 *   empty; `RMI_ERROR_INPUT` if the shared granule table is full; otherwise `RMI_SUCCESS`.
 */
export function dataCreateUnknownShared(state: MicaState, monitor: Monitor, [rd, data, ipa]: RmiArguments): RmiResult {
  const { granules, memory } = monitor
  const granule = monitor.delegatedAt(data) ?? granules.find(data, GRANULE_STATE.dataShared)
  if (granule === undefined) return inputError()
  const realm = monitor.realmAt(rd)
  if (realm === undefined) return inputError()
  if (realm.policy !== undefined) return realmError()
  if (!isProtectedPage(realm, ipa) || !realm.reaches(data)) return inputError()
  const position = walkTables(memory, realm, ipa, 3)
  const { level, entry } = position
  if (level !== 3 || entry.state !== 'unassigned' || entry.ripas !== RIPAS_EMPTY) return rttError(level)
  const known = state.shared.get(granule)
  const [roomy] = state.roomySgts
  const sgt = known?.sgt ?? roomy
  if (sgt === undefined) return inputError()

  const shared = known ?? record(state, monitor, granule, sgt)
  granules.addReference(granule)
  writeEntry(memory, position, position.index, { state: 'shared', address: data, rights: NO_RIGHTS })
  granules.addReference(position.table)
  state.of(realm).mappings.set(ipa, shared)
  emitMap(monitor, realm, ipa, data, '-')
  return success()
}

function record(state: MicaState, monitor: Monitor, granule: GranuleIndex, sgt: GranuleIndex): SharedGranule {
  const shared: SharedGranule = { granule, sgt, memory: undefined }
  monitor.granules.move(granule, GRANULE_STATE.dataShared)
  monitor.granules.addReference(sgt)
  if (monitor.granules.references(sgt) === RECORDS_PER_SGT) state.roomySgts.delete(sgt)
  state.shared.set(granule, shared)
  return shared
}
