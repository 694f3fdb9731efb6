import { entrySize, type GranuleIndex, physicalAddressOf, S2AP_READ, S2AP_WRITE, TABLE_ENTRIES } from '@mica/hw-sim'
import { RIGHT } from '@mica/policy'
import { invariant } from '../invariant.ts'
import type { Monitor } from '../monitor.ts'
import type { Realm } from '../realm/realm.ts'
import type { RttEntry } from '../rtt/entry.ts'
import { UNASSIGNED_EMPTY } from '../rtt/entry.ts'
import { emitMap, emitUnmap, rightsText } from '../rtt/event.ts'
import { readEntry, writeEntry } from '../rtt/walk.ts'
import { type ListedRange, rangeAround } from './frozen-policy.ts'

/** An entry of the unprotected half that a policy does not list as it is: what becomes of it. */
export interface Excess {
  readonly table: GranuleIndex
  readonly index: number
  readonly level: number
  readonly ipa: number
  readonly address: number
  /** What remains of it; unassigned if nothing does. */
  readonly left: RttEntry
}

/**
 * Upload step 3: every mapping of the host's memory that is not wholly inside a listed range, and every right beyond
 * the listed one. A block that is larger than its range goes as a whole.
 */
export function findExcess(monitor: Monitor, realm: Realm, listed: readonly ListedRange[]): readonly Excess[] {
  const found: Excess[] = []
  const { startLevel, startTable, startTables } = realm.identity
  const size = entrySize(startLevel)
  for (let slot = 0; slot < startTables * TABLE_ENTRIES; slot++) {
    const ipa = slot * size
    if (ipa >= realm.ipaLimit) break
    if (realm.isProtected(ipa)) continue
    const table = startTable + Math.floor(slot / TABLE_ENTRIES)
    search(monitor, listed, { table, index: slot % TABLE_ENTRIES, level: startLevel, ipa }, found)
  }
  return found
}

type Place = Pick<Excess, 'table' | 'index' | 'level' | 'ipa'>

function search(monitor: Monitor, listed: readonly ListedRange[], place: Place, found: Excess[]): void {
  const entry = readEntry(monitor.memory, place.table, place.index, place.level)
  if (entry.state === 'table') {
    const table = monitor.memory.granuleIndex(physicalAddressOf(entry.address))
    invariant(table !== undefined, 'a table entry names a granule')
    const level = place.level + 1
    for (let index = 0; index < TABLE_ENTRIES; index++) {
      search(monitor, listed, { table, index, level, ipa: place.ipa + index * entrySize(level) }, found)
    }
    return
  }
  if (entry.state !== 'assigned-ns') return
  const range = rangeAround(listed, place.ipa, entrySize(place.level))
  if (range === undefined) {
    found.push({ ...place, address: entry.address, left: UNASSIGNED_EMPTY })
    return
  }
  const allowed = (range.rights & RIGHT.read ? S2AP_READ : 0) | (range.rights & RIGHT.write ? S2AP_WRITE : 0)
  const beyond = entry.attributes & (S2AP_READ | S2AP_WRITE) & ~allowed
  if (beyond === 0) return
  found.push({ ...place, address: entry.address, left: { ...entry, attributes: entry.attributes & ~beyond } })
}

/** Removes what was found, from the tables that every PE walks. */
export function removeExcess(monitor: Monitor, realm: Realm, excess: readonly Excess[]): void {
  for (const { table, index, level, ipa, address, left } of excess) {
    writeEntry(monitor.memory, table, index, level, left)
    if (left.state !== 'assigned-ns') emitUnmap(monitor, realm, ipa, address)
    else {
      const rights = rightsText((left.attributes & S2AP_READ) !== 0, (left.attributes & S2AP_WRITE) !== 0, false)
      emitMap(monitor, realm, ipa, address, rights)
    }
  }
}
