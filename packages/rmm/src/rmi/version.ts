import { ABI_VERSION } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import { inputError, type RmiArguments, type RmiResult, success } from './result.ts'

const VERSION = Number(ABI_VERSION)

/**
 * Tells the host which ABI this monitor speaks. Lower and higher version are answered either way.
 *
 * @returns `RMI_ERROR_INPUT` if `requested` is not this one; otherwise `RMI_SUCCESS`.
 * @see DEN0137 RMI_VERSION
 */
export function version(_monitor: Monitor, [requested]: RmiArguments): RmiResult {
  return requested === VERSION ? success(VERSION, VERSION) : inputError(VERSION, VERSION)
}
