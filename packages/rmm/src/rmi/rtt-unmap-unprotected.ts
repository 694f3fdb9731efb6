import type { GeneralRegisters } from '@mica/hw-sim'
import type { Monitor } from '../monitor.ts'
import { isEntryAddress, isLevel, levelOf } from '../rtt/arguments.ts'
import { UNASSIGNED_EMPTY } from '../rtt/entry.ts'
import { emitUnmap } from '../rtt/event.ts'
import { skipTo, walkTables, writeEntry } from '../rtt/walk.ts'
import { inputError, type RmiArguments, type RmiResult, rttError, success } from './result.ts'

/**
 * Takes memory of the host's out of a Realm.
 *
 * @returns In order: `RMI_ERROR_INPUT` if `rd` is not a Realm descriptor, the level holds no leaf, or `ipa` is
 *   unaligned or not in the unprotected half; `RMI_ERROR_RTT` with the level reached if no such memory is there;
 *   otherwise `RMI_SUCCESS`. x1 is how far to skip, also with `RMI_ERROR_RTT`.
 * @see DEN0137 RMI_RTT_UNMAP_UNPROTECTED
 */
export function rttUnmapUnprotected(monitor: Monitor, [rd, ipa]: RmiArguments, x: GeneralRegisters): RmiResult {
  const { memory } = monitor
  const realm = monitor.realmAt(rd)
  if (realm === undefined) return inputError()
  const level = levelOf(x[3]!)
  if (!isLevel(level, Math.max(1, realm.identity.startLevel), 3)) return inputError()
  if (!isEntryAddress(realm, ipa, level) || realm.isProtected(ipa)) return inputError()
  const position = walkTables(memory, realm, ipa, level)
  if (position.level !== level || position.entry.state !== 'assigned-ns') {
    return rttError(position.level, skipTo(memory, position, ipa))
  }

  writeEntry(memory, position, position.index, UNASSIGNED_EMPTY)
  emitUnmap(monitor, realm, ipa, position.entry.address)
  return success(skipTo(memory, position, ipa))
}
