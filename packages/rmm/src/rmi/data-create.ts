import { extendRimData, RIPAS_RAM } from '../abi/index.ts'
import { GRANULE_STATE } from '../granule/state.ts'
import type { Monitor } from '../monitor.ts'
import { isProtectedPage } from '../rtt/arguments.ts'
import { emitMap } from '../rtt/event.ts'
import { walkTables, writeEntry } from '../rtt/walk.ts'
import { inputError, type RmiArguments, type RmiResult, realmError, rttError, success } from './result.ts'

/** RmiDataFlags: bit 0, measure the content. */
const MEASURE_CONTENT = 1

/**
 * Gives a new Realm a page with content copied from the host, and measures where it is and, if asked, what is in it.
 *
 * @returns In order: `RMI_ERROR_INPUT` if flags are unknown, `src` is not Non-secure memory, `data` is not `delegated`,
 *   or `rd` is not a Realm descriptor; `RMI_ERROR_REALM` if the Realm is not new; `RMI_ERROR_INPUT` if `ipa` is not a
 *   protected page or the Realm's tables cannot lead to `data`; `RMI_ERROR_RTT` with the level reached if there is no
 *   table for it, with 3 if something is there; `RMI_ERROR_INPUT` if hardware refuses to read `src`; otherwise
 *   `RMI_SUCCESS`.
 * @see DEN0137 RMI_DATA_CREATE
 */
export function dataCreate(monitor: Monitor, [rd, data, ipa, src, flags]: RmiArguments): RmiResult {
  const { granules, memory } = monitor
  if (flags !== 0 && flags !== MEASURE_CONTENT) return inputError()
  if (!monitor.isUndelegated(src)) return inputError()
  const granule = monitor.delegatedAt(data)
  if (granule === undefined) return inputError()
  const realm = monitor.realmAt(rd)
  if (realm === undefined) return inputError()
  if (realm.state !== 'new') return realmError()
  if (!isProtectedPage(realm, ipa) || !realm.reaches(data)) return inputError()
  const position = walkTables(memory, realm, ipa, 3)
  if (position.level !== 3 || position.entry.state !== 'unassigned') return rttError(position.level)
  const content = monitor.readHostPage(src)
  if (content === undefined) return inputError()

  granules.move(granule, GRANULE_STATE.data)
  memory.granuleBytes(granule).set(content)
  writeEntry(memory, position, position.index, { state: 'assigned', address: data, ripas: RIPAS_RAM })
  granules.addReference(position.table)
  // Measured from the copy: the host may be writing to its page meanwhile.
  realm.rim = extendRimData(realm.rim, ipa, BigInt(flags), content, realm.hash)
  emitMap(monitor, realm, ipa, data, 'rwx')
  return success()
}
