import type { Monitor } from '../monitor.ts'
import { featureRegister0 } from '../platform.ts'
import { type RmiArguments, type RmiResult, success } from './result.ts'

/**
 * Reads a feature register. Registers that do not exist read as zero.
 *
 * @see DEN0137 RMI_FEATURES
 */
export function features(monitor: Monitor, [index]: RmiArguments): RmiResult {
  return success(index === 0 ? featureRegister0(monitor.platform) : 0)
}
