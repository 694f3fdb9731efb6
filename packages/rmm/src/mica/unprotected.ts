import { entrySize, S2AP_READ, S2AP_WRITE, TABLE_ENTRIES } from '@mica/hw-sim'
import { RIGHT } from '@mica/policy'
import type { Monitor } from '../monitor.ts'
import type { Realm } from '../realm/realm.ts'
import type { RttEntry } from '../rtt/entry.ts'
import { UNASSIGNED_EMPTY } from '../rtt/entry.ts'
import { emitMap, emitUnmap, rightsText } from '../rtt/event.ts'
import { type Rtt, readEntry, tableGranule, writeEntry } from '../rtt/walk.ts'
import { type ListedRange, rangeAround } from './frozen-policy.ts'

/** An entry of the unprotected half that a policy does not list as it is: what becomes of it. */
export interface Excess extends Rtt {
  readonly index: number
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
  const { startLevel, startTable, startTables, lpa2 } = realm.identity
  const size = entrySize(startLevel)
  for (let slot = 0; slot < startTables * TABLE_ENTRIES; slot++) {
    const ipa = slot * size
    if (realm.isProtected(ipa)) continue
    const table = startTable + Math.floor(slot / TABLE_ENTRIES)
    search(monitor, listed, { table, index: slot % TABLE_ENTRIES, level: startLevel, lpa2, ipa }, found)
  }
  return found
}

type Place = Pick<Excess, 'table' | 'index' | 'level' | 'lpa2' | 'ipa'>

function search(monitor: Monitor, listed: readonly ListedRange[], place: Place, found: Excess[]): void {
  const entry = readEntry(monitor.memory, place, place.index)
  if (entry.state === 'table') {
    const table = tableGranule(monitor.memory, entry)
    const level = place.level + 1
    const { lpa2 } = place
    for (let index = 0; index < TABLE_ENTRIES; index++) {
      search(monitor, listed, { table, index, level, lpa2, ipa: place.ipa + index * entrySize(level) }, found)
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
  for (const { left, ...place } of excess) {
    const { ipa, address } = place
    writeEntry(monitor.memory, place, place.index, left)
    if (left.state !== 'assigned-ns') emitUnmap(monitor, realm, ipa, address)
    else {
      const rights = rightsText((left.attributes & S2AP_READ) !== 0, (left.attributes & S2AP_WRITE) !== 0, false)
      emitMap(monitor, realm, ipa, address, rights)
    }
  }
}
