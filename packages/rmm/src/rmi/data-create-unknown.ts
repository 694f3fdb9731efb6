import { RIPAS_RAM } from '../abi/index.ts'
import { GRANULE_STATE } from '../granule/state.ts'
import type { Monitor } from '../monitor.ts'
import { isProtectedPage } from '../rtt/arguments.ts'
import { emitMap } from '../rtt/event.ts'
import { walkTables, writeEntry } from '../rtt/walk.ts'
import { inputError, type RmiArguments, type RmiResult, rttError, success } from './result.ts'

/**
 * Gives a Realm a page of zeroes, in any state of the Realm. It is accessible if the address is declared RAM.
 *
 * @returns In order: `RMI_ERROR_INPUT` if `data` is not `delegated`, `rd` is not a Realm descriptor, `ipa` is not a
 *   protected page, or the Realm's tables cannot lead to `data`; `RMI_ERROR_RTT` with the level reached if there is no
 *   table for it, with 3 if something is there or the Realm's policy reserves the place; otherwise `RMI_SUCCESS`.
 * @see DEN0137 RMI_DATA_CREATE_UNKNOWN
 */
export function dataCreateUnknown(monitor: Monitor, [rd, data, ipa]: RmiArguments): RmiResult {
  const { granules, memory } = monitor
  const granule = monitor.delegatedAt(data)
  if (granule === undefined) return inputError()
  const realm = monitor.realmAt(rd)
  if (realm === undefined) return inputError()
  if (!isProtectedPage(realm, ipa) || !realm.reaches(data)) return inputError()
  const position = walkTables(memory, realm, ipa, 3)
  if (position.level !== 3 || position.entry.state !== 'unassigned') return rttError(position.level)
  if (realm.policy?.reserves(ipa) === true) return rttError(position.level)

  const { ripas } = position.entry
  granules.move(granule, GRANULE_STATE.data)
  writeEntry(memory, position, position.index, { state: 'assigned', address: data, ripas })
  granules.addReference(position.table)
  emitMap(monitor, realm, ipa, data, ripas === RIPAS_RAM ? 'rwx' : '-')
  return success()
}
