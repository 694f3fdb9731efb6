import type { GeneralRegisters } from '@mica/hw-sim'
import { RSI_ERROR_INPUT } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { inputError, type RmiArguments, type RmiResult, success } from '../rmi/result.ts'
import { answer, type CallResult, rsiSuccess } from '../rsi/result.ts'

/** Version of the extension: major 1, minor 0, encoded as the ABI's own. */
const MICA_VERSION = 0x1_0000

/**
 * Tells the host that the extension is there, and its version.
 *
 * @returns `RMI_ERROR_INPUT` if `requested` is not this one; otherwise `RMI_SUCCESS`.
 */
export function micaVersion(_monitor: Monitor, [requested]: RmiArguments): RmiResult {
  return requested === MICA_VERSION ? success(MICA_VERSION, MICA_VERSION) : inputError(MICA_VERSION, MICA_VERSION)
}

/** As {@link micaVersion}, for a Realm. */
export function micaVersionForRealm(_monitor: Monitor, _rec: Rec, x: GeneralRegisters): CallResult {
  const version = BigInt(MICA_VERSION)
  return x[1] === version ? rsiSuccess(version, version) : answer(RSI_ERROR_INPUT, version, version)
}
