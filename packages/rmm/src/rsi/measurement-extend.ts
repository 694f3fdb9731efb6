import type { GeneralRegisters } from '@mica/hw-sim'
import { extendRem } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import { REM_COUNT } from '../realm/realm.ts'
import type { Rec } from '../rec/rec.ts'
import { type CallResult, rsiInputError, rsiStateError, rsiSuccess } from './result.ts'
import { wordsToBytes } from './words.ts'

const MAX_VALUE_SIZE = 64

/** Index of REM[0], which a policy is measured into. */
const POLICY_MEASUREMENT = 1

/**
 * Extends REM[x1 - 1] with the first x2 bytes of x3 to x10.
 *
 * @returns In order: `RSI_ERROR_INPUT` if x1 is not 1 to 4, or x2 more than 64; `RSI_ERROR_STATE` for REM[0] of a Realm
 *   that has a policy, which it is the measurement of; otherwise `RSI_SUCCESS`.
 * @see DEN0137 RSI_MEASUREMENT_EXTEND
 */
export function measurementExtend(_monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const index = Number(x[1])
  const size = Number(x[2])
  if (index < 1 || index > REM_COUNT || size > MAX_VALUE_SIZE) return rsiInputError()
  const { realm } = rec
  if (realm.policy !== undefined && index === POLICY_MEASUREMENT) return rsiStateError()
  realm.rems[index - 1] = extendRem(realm.rems[index - 1]!, wordsToBytes(x, 3).subarray(0, size), realm.hash)
  return rsiSuccess()
}
