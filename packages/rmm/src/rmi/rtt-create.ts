import { type GeneralRegisters, TABLE_ENTRIES } from '@mica/hw-sim'
import { GRANULE_STATE } from '../granule/state.ts'
import type { Monitor } from '../monitor.ts'
import { isEntryAddress, isLevel, levelOf } from '../rtt/arguments.ts'
import { holdsReference } from '../rtt/entry.ts'
import { unfoldEntry } from '../rtt/fold.ts'
import { fillTable, walkTables, writeEntry } from '../rtt/walk.ts'
import { inputError, type RmiArguments, type RmiResult, rttError, success } from './result.ts'

/**
 * Adds a table below an entry; its 512 entries say together what the entry said.
 *
 * @returns In order: `RMI_ERROR_INPUT` if `rtt` is not `delegated`, `rd` is not a Realm descriptor or its tables
 *   cannot lead to `rtt`, the level is not below the start level, or `ipa` is out of range or unaligned to the level
 *   above; `RMI_ERROR_RTT` with the level the walk stopped at, also if there is a table already; otherwise `RMI_SUCCESS`.
 * @see DEN0137 RMI_RTT_CREATE
 */
export function rttCreate(monitor: Monitor, [rd, rtt, ipa]: RmiArguments, x: GeneralRegisters): RmiResult {
  const { granules, memory } = monitor
  const table = monitor.delegatedAt(rtt)
  if (table === undefined) return inputError()
  const realm = monitor.realmAt(rd)
  if (realm === undefined || !realm.reaches(rtt)) return inputError()
  const level = levelOf(x[4]!)
  if (!isLevel(level, realm.identity.startLevel + 1, 3)) return inputError()
  if (!isEntryAddress(realm, ipa, level - 1)) return inputError()
  const parent = walkTables(memory, realm, ipa, level - 1)
  if (parent.level !== level - 1 || parent.entry.state === 'table') return rttError(parent.level)

  granules.move(table, GRANULE_STATE.rtt)
  const { entry, lpa2 } = parent
  fillTable(memory, { table, level, lpa2 }, (index) => unfoldEntry(entry, level, index))
  // A block's reference to its table becomes that of the new one, which has one for every part of the block.
  if (holdsReference(entry)) granules.addReference(table, TABLE_ENTRIES)
  else granules.addReference(parent.table)
  writeEntry(memory, parent, parent.index, { state: 'table', address: rtt })
  return success()
}
