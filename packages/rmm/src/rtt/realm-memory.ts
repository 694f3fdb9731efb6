import { GRANULE_SIZE, type GranuleIndex, type PhysicalMemory, physicalAddressOf } from '@mica/hw-sim'
import { RIPAS_EMPTY, RIPAS_RAM } from '../abi/index.ts'
import { invariant } from '../invariant.ts'
import type { Realm } from '../realm/realm.ts'
import { walkTables } from './walk.ts'

/** What the monitor finds at an address that a Realm names in a call. */
export type RealmPage =
  | { readonly kind: 'ram'; readonly granule: GranuleIndex }
  /** Not protected memory of this Realm, or declared empty, or shared: the call is an input error. */
  | { readonly kind: 'input' }
  /** Declared RAM that the host has not populated, or has taken: the host learns the address and may retry. */
  | { readonly kind: 'fault'; readonly ipa: number; readonly level: number }

/** Finds the granule behind a protected address of a Realm, as its own access would. */
export function findRealmPage(memory: PhysicalMemory, realm: Realm, ipa: number): RealmPage {
  if (!realm.isProtected(ipa)) return { kind: 'input' }
  const { entry, level } = walkTables(memory, realm, ipa, 3)
  switch (entry.state) {
    case 'assigned': {
      if (entry.ripas === RIPAS_RAM)
        return { kind: 'ram', granule: granuleOf(memory, entry.address + blockOffset(ipa, level)) }
      return entry.ripas === RIPAS_EMPTY ? { kind: 'input' } : { kind: 'fault', ipa, level }
    }
    case 'unassigned':
      return entry.ripas === RIPAS_EMPTY ? { kind: 'input' } : { kind: 'fault', ipa, level }
    default:
      return { kind: 'input' }
  }
}

/** Offset of the page of `ipa` within a block of `level`. */
function blockOffset(ipa: number, level: number): number {
  const block = GRANULE_SIZE * 512 ** (3 - level)
  return Math.floor((ipa % block) / GRANULE_SIZE) * GRANULE_SIZE
}

function granuleOf(memory: PhysicalMemory, address: number): GranuleIndex {
  const granule = memory.granuleIndex(physicalAddressOf(address))
  invariant(granule !== undefined, 'an assigned entry names a granule')
  return granule
}
