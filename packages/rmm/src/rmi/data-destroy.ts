import { physicalAddressOf } from '@mica/hw-sim'
import { RIPAS_DESTROYED, RIPAS_EMPTY } from '../abi/index.ts'
import { GRANULE_STATE } from '../granule/state.ts'
import { invariant } from '../invariant.ts'
import type { Monitor } from '../monitor.ts'
import { isProtectedPage } from '../rtt/arguments.ts'
import { emitUnmap } from '../rtt/event.ts'
import { skipTo, walkTables, writeEntry } from '../rtt/walk.ts'
import { inputError, type RmiArguments, type RmiResult, rttError, success } from './result.ts'

/**
 * Takes a page away from a Realm; it is zeroed and `delegated`. A page that was RAM is destroyed: the Realm will notice.
 *
 * @returns In order: `RMI_ERROR_INPUT` if `rd` is not a Realm descriptor or `ipa` not a protected page; `RMI_ERROR_RTT`
 *   with the level reached if there is no page of its own; otherwise `RMI_SUCCESS`. x1 is the page, x2 how far to skip,
 *   x2 also with `RMI_ERROR_RTT`.
 * @see DEN0137 RMI_DATA_DESTROY
 */
export function dataDestroy(monitor: Monitor, [rd, ipa]: RmiArguments): RmiResult {
  const { granules, memory } = monitor
  const realm = monitor.realmAt(rd)
  if (realm === undefined) return inputError(0, 0)
  if (!isProtectedPage(realm, ipa)) return inputError(0, 0)
  const position = walkTables(memory, realm, ipa, 3)
  if (position.level !== 3 || position.entry.state !== 'assigned') {
    return rttError(position.level, 0, skipTo(memory, position, ipa))
  }
  const granule = memory.granuleIndex(physicalAddressOf(position.entry.address))
  invariant(granule !== undefined, 'an assigned entry names a granule')

  const ripas = position.entry.ripas === RIPAS_EMPTY ? RIPAS_EMPTY : RIPAS_DESTROYED
  writeEntry(memory, position, position.index, { state: 'unassigned', ripas })
  granules.dropReference(position.table)
  granules.move(granule, GRANULE_STATE.delegated)
  emitUnmap(monitor, realm, ipa, position.entry.address)
  return success(position.entry.address, skipTo(memory, position, ipa))
}
