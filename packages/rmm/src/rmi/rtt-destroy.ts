import type { GeneralRegisters } from '@mica/hw-sim'
import { RIPAS_DESTROYED } from '../abi/index.ts'
import { GRANULE_STATE } from '../granule/state.ts'
import type { Monitor } from '../monitor.ts'
import { isEntryAddress, isLevel, levelOf } from '../rtt/arguments.ts'
import { UNASSIGNED_EMPTY } from '../rtt/entry.ts'
import { skipTo, tableGranule, walkTables, writeEntry } from '../rtt/walk.ts'
import { inputError, type RmiArguments, type RmiResult, rttError, success } from './result.ts'

/**
 * Takes away a table that holds no reference. What it covered is destroyed: a Realm that used it will notice.
 *
 * @returns In order: `RMI_ERROR_INPUT` if `rd` is not a Realm descriptor, the level is not below the start level, or
 *   `ipa` is out of range or unaligned to the level above; `RMI_ERROR_RTT` with the level the walk stopped at if there
 *   is no table, with `level` if it holds references; otherwise `RMI_SUCCESS`. x1 is the table, x2 how far to skip.
 * @see DEN0137 RMI_RTT_DESTROY
 */
export function rttDestroy(monitor: Monitor, [rd, ipa]: RmiArguments, x: GeneralRegisters): RmiResult {
  const { granules, memory } = monitor
  const realm = monitor.realmAt(rd)
  if (realm === undefined) return inputError(0, 0)
  const level = levelOf(x[3]!)
  if (!isLevel(level, realm.identity.startLevel + 1, 3)) return inputError(0, 0)
  if (!isEntryAddress(realm, ipa, level - 1)) return inputError(0, 0)
  const parent = walkTables(memory, realm, ipa, level - 1)
  if (parent.level !== level - 1 || parent.entry.state !== 'table') {
    return rttError(parent.level, 0, skipTo(memory, parent, ipa))
  }
  const table = tableGranule(memory, parent.entry)
  if (granules.references(table) > 0) return rttError(level, 0, ipa)

  const left = realm.isProtected(ipa) ? { state: 'unassigned' as const, ripas: RIPAS_DESTROYED } : UNASSIGNED_EMPTY
  writeEntry(memory, parent, parent.index, left)
  granules.dropReference(parent.table)
  granules.move(table, GRANULE_STATE.delegated)
  return success(parent.entry.address, skipTo(memory, parent, ipa))
}
