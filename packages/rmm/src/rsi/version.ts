import type { GeneralRegisters } from '@mica/hw-sim'
import { ABI_VERSION, RSI_ERROR_INPUT } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { answer, type CallResult, rsiSuccess } from './result.ts'

/**
 * Tells the Realm which ABI this monitor speaks. Lower and higher version are answered either way.
 *
 * @returns `RSI_ERROR_INPUT` if x1 is not this one; otherwise `RSI_SUCCESS`.
 * @see DEN0137 RSI_VERSION
 */
export function version(_monitor: Monitor, _rec: Rec, x: GeneralRegisters): CallResult {
  if (x[1] !== ABI_VERSION) return answer(RSI_ERROR_INPUT, ABI_VERSION, ABI_VERSION)
  return rsiSuccess(ABI_VERSION, ABI_VERSION)
}
