import { type GeneralRegisters, TABLE_ENTRIES } from '@mica/hw-sim'
import { GRANULE_STATE } from '../granule/state.ts'
import type { Monitor } from '../monitor.ts'
import { isEntryAddress, isLevel, levelOf } from '../rtt/arguments.ts'
import { holdsReference } from '../rtt/entry.ts'
import { foldTable } from '../rtt/fold.ts'
import { tableGranule, walkTables, writeEntry } from '../rtt/walk.ts'
import { inputError, type RmiArguments, type RmiResult, rttError, success } from './result.ts'

/**
 * Takes away a table whose 512 entries one entry above it can say: the Realm has the same memory with the same rights
 * before and after. Memory that becomes part of a block stays `data`.
 *
 * @returns In order: `RMI_ERROR_INPUT` if `rd` is not a Realm descriptor, the level is not below the start level, or
 *   `ipa` is out of range or unaligned to the level above; `RMI_ERROR_RTT` with the level the walk stopped at if there
 *   is no table; with the level above if a block would be larger than 1 GiB; with `level` if the entries differ, are
 *   not contiguous or not aligned, or shared memory is among them; otherwise `RMI_SUCCESS`. x1 is the table.
 * @see DEN0137 RMI_RTT_FOLD
 */
export function rttFold(monitor: Monitor, [rd, ipa]: RmiArguments, x: GeneralRegisters): RmiResult {
  const { granules, memory } = monitor
  const realm = monitor.realmAt(rd)
  if (realm === undefined) return inputError()
  const level = levelOf(x[3]!)
  if (!isLevel(level, realm.identity.startLevel + 1, 3)) return inputError()
  if (!isEntryAddress(realm, ipa, level - 1)) return inputError()
  const parent = walkTables(memory, realm, ipa, level - 1)
  if (parent.level !== level - 1 || parent.entry.state !== 'table') return rttError(parent.level)
  const table = tableGranule(memory, parent.entry)
  const folded = foldTable(memory, { table, level, lpa2: parent.lpa2 })
  if (folded.kind === 'too-large') return rttError(level - 1)
  if (folded.kind === 'mixed') return rttError(level)

  // The new entry before the old table's end: a walk finds one or the other.
  writeEntry(memory, parent, parent.index, folded.entry)
  if (holdsReference(folded.entry)) granules.dropReference(table, TABLE_ENTRIES)
  else granules.dropReference(parent.table)
  granules.move(table, GRANULE_STATE.delegated)
  return success(parent.entry.address)
}
