import { entrySize, GRANULE_SIZE, isAligned, TABLE_ENTRIES } from '@mica/hw-sim'
import { extendRimRipas, RIPAS_EMPTY, RIPAS_RAM } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import { readEntry, walkTables, writeEntry } from '../rtt/walk.ts'
import { inputError, type RmiArguments, type RmiResult, realmError, rttError, success } from './result.ts'

/**
 * Declares part of a new Realm's address space as RAM, and measures that. Works through the entries of one table, as
 * far as they are unassigned and within the range; the host goes on from there.
 *
 * @returns In order: `RMI_ERROR_INPUT` if the range is empty, `rd` is not a Realm descriptor, or the range is unaligned
 *   or not in the protected half; `RMI_ERROR_REALM` if the Realm is not new; `RMI_ERROR_RTT` if `base` is unaligned to
 *   the entry reached or nothing could be done; otherwise `RMI_SUCCESS`. x1 is the address reached.
 * @see DEN0137 RMI_RTT_INIT_RIPAS
 */
export function rttInitRipas(monitor: Monitor, [rd, base, top]: RmiArguments): RmiResult {
  const { memory } = monitor
  if (top <= base) return inputError()
  const realm = monitor.realmAt(rd)
  if (realm === undefined) return inputError()
  if (!isAligned(base, GRANULE_SIZE) || !isAligned(top, GRANULE_SIZE)) return inputError()
  if (top > realm.ipaLimit / 2) return inputError()
  if (realm.state !== 'new') return realmError()
  const start = walkTables(memory, realm, base, 3)
  const size = entrySize(start.level)
  if (!isAligned(base, size)) return rttError(start.level)

  let address = base
  for (let index = start.index; index < TABLE_ENTRIES && address + size <= top; index++) {
    const entry = readEntry(memory, start, index)
    if (entry.state !== 'unassigned' || (entry.ripas !== RIPAS_EMPTY && entry.ripas !== RIPAS_RAM)) break
    writeEntry(memory, start, index, { state: 'unassigned', ripas: RIPAS_RAM })
    // Measured even where it was RAM already: the measurement follows the commands, not their effect.
    realm.rim = extendRimRipas(realm.rim, address, address + size, realm.hash)
    address += size
  }
  return address === base ? rttError(start.level) : success(address)
}
