import { entrySize, GRANULE_SIZE, TABLE_ENTRIES } from '@mica/hw-sim'
import { RIPAS_RAM } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Realm } from '../realm/realm.ts'
import { type Rtt, readEntry, tableGranule } from '../rtt/walk.ts'

/** Pages of a Realm's protected half that are declared RAM and have none. */
export function countMissingRam(monitor: Monitor, realm: Realm): number {
  const { startLevel, startTable, startTables, lpa2 } = realm.identity
  const tableSize = entrySize(startLevel) * TABLE_ENTRIES
  let missing = 0
  const count = (rtt: Rtt, base: number): void => {
    for (let index = 0; index < TABLE_ENTRIES; index++) {
      const ipa = base + index * entrySize(rtt.level)
      if (!realm.isProtected(ipa)) return
      const entry = readEntry(monitor.memory, rtt, index)
      if (entry.state === 'table') {
        count({ table: tableGranule(monitor.memory, entry), level: rtt.level + 1, lpa2 }, ipa)
      } else if (entry.state === 'unassigned' && entry.ripas === RIPAS_RAM) {
        missing += entrySize(rtt.level) / GRANULE_SIZE
      }
    }
  }
  for (let i = 0; i < startTables; i++) count({ table: startTable + i, level: startLevel, lpa2 }, i * tableSize)
  return missing
}
