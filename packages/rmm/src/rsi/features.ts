import { type CallResult, rsiSuccess } from './result.ts'

/**
 * Reads a feature register: none is defined in this revision, so all are zero.
 *
 * @see DEN0137 RSI_FEATURES
 */
export function features(): CallResult {
  return rsiSuccess(0n)
}
