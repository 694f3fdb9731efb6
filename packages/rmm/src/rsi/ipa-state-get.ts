import { entrySize, type GeneralRegisters, GRANULE_SIZE, isAligned, TABLE_ENTRIES } from '@mica/hw-sim'
import { RIPAS_EMPTY } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import type { RttEntry } from '../rtt/entry.ts'
import { readEntry, walkTables } from '../rtt/walk.ts'
import { type CallResult, rsiInputError, rsiSuccess } from './result.ts'

/**
 * Tells the Realm the RIPAS at an address, and up to where it is the same, as far as one table says.
 *
 * @returns `RSI_ERROR_INPUT` if the range [x1, x2) is empty, unaligned or not in the protected half; otherwise
 *   `RSI_SUCCESS` with the address reached in x1 and the RIPAS in x2.
 * @see DEN0137 RSI_IPA_STATE_GET
 */
export function ipaStateGet(monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const base = Number(x[1])
  const top = Number(x[2])
  if (top <= base || !isAligned(base, GRANULE_SIZE) || !isAligned(top, GRANULE_SIZE)) return rsiInputError()
  if (top > rec.realm.ipaLimit / 2) return rsiInputError()
  const start = walkTables(monitor.memory, rec.realm, base, 3)
  const size = entrySize(start.level)
  const ripas = ripasOf(start.entry)
  let end = base - (base % size) + size
  for (let index = start.index + 1; index < TABLE_ENTRIES && end < top; index++) {
    const entry = readEntry(monitor.memory, start, index)
    if (entry.state === 'table' || ripasOf(entry) !== ripas) break
    end += size
  }
  return rsiSuccess(BigInt(Math.min(end, top)), BigInt(ripas))
}

/** Shared memory is never RAM of the Realm's. */
function ripasOf(entry: RttEntry): number {
  return 'ripas' in entry ? entry.ripas : RIPAS_EMPTY
}
