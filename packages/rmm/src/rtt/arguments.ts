import { entrySize, GRANULE_SIZE, isAligned } from '@mica/hw-sim'
import type { Realm } from '../realm/realm.ts'

/** The level in a register: -1 is all ones. What is no level is out of every range, whatever its sign. */
export function levelOf(register: bigint): number {
  return Number(BigInt.asIntN(64, register))
}

/** Whether a level lies in a range. */
export function isLevel(level: number, first: number, last: number): boolean {
  return level >= first && level <= last
}

/** Whether an address names an entry of `level` of the Realm's tables. */
export function isEntryAddress(realm: Realm, ipa: number, level: number): boolean {
  return ipa < realm.ipaLimit && isAligned(ipa, entrySize(level))
}

/** Whether an address names a page of the protected half. */
export function isProtectedPage(realm: Realm, ipa: number): boolean {
  return isAligned(ipa, GRANULE_SIZE) && realm.isProtected(ipa)
}
