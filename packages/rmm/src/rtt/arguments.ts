import { entrySize, GRANULE_SIZE, isAligned } from '@mica/hw-sim'
import type { Realm } from '../realm/realm.ts'

/** Levels are small integers; a register that holds anything else, -1 as all ones included, is out of every range. */
export function isLevel(level: number, first: number, last: number): boolean {
  return Number.isInteger(level) && level >= first && level <= last
}

/** Whether an address names an entry of `level` of the Realm's tables. */
export function isEntryAddress(realm: Realm, ipa: number, level: number): boolean {
  return ipa < realm.ipaLimit && isAligned(ipa, entrySize(level))
}

/** Whether an address names a page of the protected half. */
export function isProtectedPage(realm: Realm, ipa: number): boolean {
  return isAligned(ipa, GRANULE_SIZE) && realm.isProtected(ipa)
}
