import { entrySize, type GeneralRegisters, S2AP_READ, S2AP_WRITE } from '@mica/hw-sim'
import type { Monitor } from '../monitor.ts'
import { isEntryAddress, isLevel, levelOf } from '../rtt/arguments.ts'
import { emitMap, rightsText } from '../rtt/event.ts'
import { parseHostDescriptor } from '../rtt/host-descriptor.ts'
import { walkTables, writeEntry } from '../rtt/walk.ts'
import { inputError, type RmiArguments, type RmiResult, rttError, success } from './result.ts'

/**
 * Maps memory of the host's into the unprotected half of a Realm, as a page or a block. Where it really is, the host
 * answers for: hardware checks each access.
 *
 * @returns In order: `RMI_ERROR_INPUT` if the level holds no leaf, `rd` is not a Realm descriptor, the descriptor has
 *   other bits than address and attributes, `ipa` is unaligned or not in the unprotected half, or the Realm's policy
 *   lists no such memory; `RMI_ERROR_RTT` with the level reached if something is there, or no table; otherwise
 *   `RMI_SUCCESS`.
 * @see DEN0137 RMI_RTT_MAP_UNPROTECTED
 */
export function rttMapUnprotected(
  monitor: Monitor,
  [rd, ipa, , descriptor]: RmiArguments,
  x: GeneralRegisters,
): RmiResult {
  const realm = monitor.realmAt(rd)
  if (realm === undefined) return inputError()
  const level = levelOf(x[3]!)
  if (!isLevel(level, Math.max(1, realm.identity.startLevel), 3)) return inputError()
  const block = parseHostDescriptor(descriptor, level, realm.identity.lpa2)
  if (block === undefined) return inputError()
  if (!isEntryAddress(realm, ipa, level) || realm.isProtected(ipa)) return inputError()
  const read = (block.attributes & S2AP_READ) !== 0
  const write = (block.attributes & S2AP_WRITE) !== 0
  if (realm.policy?.permitsUnprotected(ipa, entrySize(level), read, write) === false) return inputError()
  const position = walkTables(monitor.memory, realm, ipa, level)
  if (position.level !== level || position.entry.state !== 'unassigned') return rttError(position.level)

  writeEntry(monitor.memory, position, position.index, { state: 'assigned-ns', ...block })
  emitMap(monitor, realm, ipa, block.address, rightsText(read, write, false))
  return success()
}
