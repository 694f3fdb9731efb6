import type { GeneralRegisters } from '@mica/hw-sim'
import type { Monitor } from '../monitor.ts'
import { REM_COUNT } from '../realm/realm.ts'
import type { Rec } from '../rec/rec.ts'
import { type CallResult, rsiInputError, rsiSuccess } from './result.ts'
import { bytesToWords } from './words.ts'

/**
 * Reads a measurement into x1 to x8: the RIM at index 0, REM[0] to REM[3] at indices 1 to 4.
 *
 * @returns `RSI_ERROR_INPUT` if the index is larger; otherwise `RSI_SUCCESS`.
 * @see DEN0137 RSI_MEASUREMENT_READ
 */
export function measurementRead(_monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const index = Number(x[1])
  if (index > REM_COUNT) return rsiInputError()
  return rsiSuccess(...bytesToWords(index === 0 ? rec.realm.rim : rec.realm.rems[index - 1]!))
}
