import { REC_AUX_COUNT } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import { inputError, type RmiArguments, type RmiResult, success } from './result.ts'

/**
 * Tells how many auxiliary granules a REC of this Realm needs.
 *
 * @returns `RMI_ERROR_INPUT` if `rd` is not a Realm descriptor; otherwise `RMI_SUCCESS`.
 * @see DEN0137 RMI_REC_AUX_COUNT
 */
export function recAuxCount(monitor: Monitor, [rd]: RmiArguments): RmiResult {
  return monitor.realmAt(rd) === undefined ? inputError() : success(REC_AUX_COUNT)
}
