import { entrySize, type GeneralRegisters, isAligned, TABLE_ENTRIES } from '@mica/hw-sim'
import { RIPAS_DESTROYED, RIPAS_RAM } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Realm } from '../realm/realm.ts'
import type { RipasChange } from '../rsi/ipa-state-set.ts'
import type { EntryWithRipas, RttEntry } from '../rtt/entry.ts'
import { emitMap, emitUnmap } from '../rtt/event.ts'
import { type RttPosition, readEntry, walkTables, writeEntry } from '../rtt/walk.ts'
import { inputError, type RmiArguments, type RmiResult, recError, rttError, success } from './result.ts'

/**
 * Carries out part of a change of RIPAS that a Realm has asked for: from where the last part ended, through the entries
 * of one table, as far as they lie in [base, top) and may be changed.
 *
 * @returns In order: `RMI_ERROR_INPUT` if the range is empty, or `rd` or `rec` is not what it should be;
 *   `RMI_ERROR_REC` while the REC runs, or if it is another Realm's; `RMI_ERROR_INPUT` if the REC has not asked for a
 *   change that goes on at `base` and as far as `top`; `RMI_ERROR_RTT` with the level reached if `base` is unaligned to
 *   the entry there, or it cannot be changed; otherwise `RMI_SUCCESS`. x1 is the address reached.
 * @see DEN0137 RMI_RTT_SET_RIPAS
 */
export function rttSetRipas(
  monitor: Monitor,
  [rd, recAddress, base, top]: RmiArguments,
  x: GeneralRegisters,
): RmiResult {
  const { memory } = monitor
  // Compared as the registers that they are: far beyond any IPA space two doubles may be equal, and what is to be said
  // about the REC comes before what is to be said about that.
  if (x[4]! <= x[3]!) return inputError()
  const realm = monitor.realmAt(rd)
  const rec = monitor.recAt(recAddress)
  if (realm === undefined || rec === undefined) return inputError()
  if (rec.running || rec.realm !== realm) return recError()
  const { pending } = rec
  if (pending.kind !== 'ripas-change' || pending.discard) return inputError()
  if (base !== pending.next || top > pending.top) return inputError()
  const start = walkTables(memory, realm, base, 3)
  if (!isAligned(base, entrySize(start.level))) return rttError(start.level)
  const next = changeEntries(monitor, realm, start, base, top, pending)
  if (next === base) return rttError(start.level)
  rec.pending = { ...pending, next }
  return success(next)
}

/** Changes entries of one table, in order, while they may be. Returns the address after the last. */
function changeEntries(
  monitor: Monitor,
  realm: Realm,
  start: RttPosition,
  base: number,
  top: number,
  change: RipasChange,
): number {
  const size = entrySize(start.level)
  let address = base
  for (let index = start.index; index < TABLE_ENTRIES && address + size <= top; index++) {
    const entry = readEntry(monitor.memory, start, index)
    if (!mayChange(entry, change)) break
    if (entry.ripas !== change.ripas) changeEntry(monitor, realm, { ...start, index, entry }, address, change.ripas)
    address += size
  }
  return address
}

/** Tables and shared memory have no RIPAS to change, and destroyed memory has only if the Realm says so. */
function mayChange(entry: RttEntry, { changeDestroyed }: RipasChange): entry is EntryWithRipas {
  return 'ripas' in entry && (entry.ripas !== RIPAS_DESTROYED || changeDestroyed)
}

function changeEntry(
  monitor: Monitor,
  realm: Realm,
  { entry, ...position }: RttPosition & { readonly entry: EntryWithRipas },
  ipa: number,
  ripas: number,
): void {
  writeEntry(monitor.memory, position, position.index, { ...entry, ripas })
  if (entry.state !== 'assigned') return
  if (ripas === RIPAS_RAM) emitMap(monitor, realm, ipa, entry.address, 'rwx')
  else if (entry.ripas === RIPAS_RAM) emitUnmap(monitor, realm, ipa, entry.address)
}
