import { physicalAddressOf } from '@mica/hw-sim'
import { GRANULE_STATE } from '../granule/state.ts'
import type { Monitor } from '../monitor.ts'
import { inputError, type RmiArguments, type RmiResult, success } from './result.ts'

/**
 * Takes a granule from the host into the Realm world, zeroed.
 *
 * @returns `RMI_ERROR_INPUT` if `addr` is unaligned, outside DRAM, already taken, or not Non-secure according to root
 *   firmware; otherwise `RMI_SUCCESS`.
 * @see DEN0137 RMI_GRANULE_DELEGATE
 */
export function granuleDelegate(monitor: Monitor, [address]: RmiArguments): RmiResult {
  const granule = monitor.granules.find(address, GRANULE_STATE.undelegated)
  if (granule === undefined) return inputError()
  if (!monitor.machine.firmware.delegate(physicalAddressOf(address))) return inputError()
  monitor.granules.move(granule, GRANULE_STATE.delegated)
  return success()
}
