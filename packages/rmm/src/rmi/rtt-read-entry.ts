import type { GeneralRegisters } from '@mica/hw-sim'
import { RIPAS_DESTROYED } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import { isEntryAddress, isLevel, levelOf } from '../rtt/arguments.ts'
import type { RttEntry } from '../rtt/entry.ts'
import { hostDescriptor } from '../rtt/host-descriptor.ts'
import { walkTables } from '../rtt/walk.ts'
import { inputError, type RmiArguments, type RmiResult, success } from './result.ts'

/** RmiRttEntryState. */
const UNASSIGNED = 0
const ASSIGNED = 1
const TABLE = 2

/**
 * Tells the host what it has put at an address: the level reached, the state, what is there, and the RIPAS.
 *
 * @returns `RMI_ERROR_INPUT` if `rd` is not a Realm descriptor, the level does not exist in its tables, or `ipa` is out
 *   of range or unaligned to the level; otherwise `RMI_SUCCESS`.
 * @see DEN0137 RMI_RTT_READ_ENTRY
 */
export function rttReadEntry(monitor: Monitor, [rd, ipa]: RmiArguments, x: GeneralRegisters): RmiResult {
  const realm = monitor.realmAt(rd)
  if (realm === undefined) return inputError()
  const level = levelOf(x[3]!)
  if (!isLevel(level, realm.identity.startLevel, 3)) return inputError()
  if (!isEntryAddress(realm, ipa, level)) return inputError()
  const position = walkTables(monitor.memory, realm, ipa, level)
  return success(position.level, ...describe(position.entry))
}

function describe(entry: RttEntry): readonly [state: number, content: number, ripas: number] {
  switch (entry.state) {
    case 'unassigned':
      return [UNASSIGNED, 0, entry.ripas]
    case 'assigned':
      // The recorded revision hides the address of destroyed memory; its successors show it.
      return [ASSIGNED, entry.ripas === RIPAS_DESTROYED ? 0 : entry.address, entry.ripas]
    case 'assigned-ns':
      return [ASSIGNED, hostDescriptor(entry), 0]
    case 'table':
      return [TABLE, entry.address, 0]
    case 'shared':
      return [ASSIGNED, entry.address, 0]
  }
}
