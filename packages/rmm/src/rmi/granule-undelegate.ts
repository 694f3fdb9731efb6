import { physicalAddressOf } from '@mica/hw-sim'
import { GRANULE_STATE } from '../granule/state.ts'
import { invariant } from '../invariant.ts'
import type { Monitor } from '../monitor.ts'
import { inputError, type RmiArguments, type RmiResult, success } from './result.ts'

/**
 * Gives an unused granule back to the host. It holds zeroes.
 *
 * @returns `RMI_ERROR_INPUT` if `addr` is unaligned, outside DRAM, or not `delegated`; otherwise `RMI_SUCCESS`.
 * @see DEN0137 RMI_GRANULE_UNDELEGATE
 */
export function granuleUndelegate(monitor: Monitor, [address]: RmiArguments): RmiResult {
  const granule = monitor.delegatedAt(address)
  if (granule === undefined) return inputError()
  // INVARIANT: a delegated granule is in the Realm address space and zeroed, so nothing is left to wipe here.
  const moved = monitor.machine.firmware.undelegate(physicalAddressOf(address))
  invariant(moved, 'a delegated granule is in the Realm physical address space')
  monitor.granules.move(granule, GRANULE_STATE.undelegated)
  return success()
}
