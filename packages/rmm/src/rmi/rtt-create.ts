import { entrySize, type GranuleIndex, TABLE_ENTRIES } from '@mica/hw-sim'
import { GRANULE_STATE } from '../granule/state.ts'
import type { Monitor } from '../monitor.ts'
import { isEntryAddress, isLevel } from '../rtt/arguments.ts'
import { holdsReference, type RttEntry } from '../rtt/entry.ts'
import { walkTables, writeEntry } from '../rtt/walk.ts'
import { inputError, type RmiArguments, type RmiResult, rttError, success } from './result.ts'

/**
 * Adds a table below an entry; its 512 entries say together what the entry said.
 *
 * @returns In order: `RMI_ERROR_INPUT` if `rtt` is not `delegated`, `rd` is not a Realm descriptor, the level is not
 *   below the start level, or `ipa` is out of range or unaligned to the level above; `RMI_ERROR_RTT` with the level the
 *   walk stopped at, also if there is a table already; otherwise `RMI_SUCCESS`.
 * @see DEN0137 RMI_RTT_CREATE
 */
export function rttCreate(monitor: Monitor, [rd, rtt, ipa, level]: RmiArguments): RmiResult {
  const { granules, memory } = monitor
  const table = monitor.delegatedAt(rtt)
  if (table === undefined) return inputError()
  const realm = monitor.realmAt(rd)
  if (realm === undefined) return inputError()
  if (!isLevel(level, realm.identity.startLevel + 1, 3)) return inputError()
  if (!isEntryAddress(realm, ipa, level - 1)) return inputError()
  const parent = walkTables(memory, realm, ipa, level - 1)
  if (parent.level !== level - 1 || parent.entry.state === 'table') return rttError(parent.level)

  granules.move(table, GRANULE_STATE.rtt)
  unfold(monitor, table, parent.entry, level)
  if (!holdsReference(parent.entry)) granules.addReference(parent.table)
  writeEntry(memory, parent.table, parent.index, parent.level, { state: 'table', address: rtt })
  return success()
}

/** Fills a table with what the entry above it said. */
function unfold(monitor: Monitor, table: GranuleIndex, parent: RttEntry, level: number): void {
  for (let index = 0; index < TABLE_ENTRIES; index++) {
    const entry = 'address' in parent ? { ...parent, address: parent.address + index * entrySize(level) } : parent
    writeEntry(monitor.memory, table, index, level, entry)
  }
  if (holdsReference(parent)) monitor.granules.addReference(table, TABLE_ENTRIES)
}
