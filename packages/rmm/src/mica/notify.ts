import type { GeneralRegisters } from '@mica/hw-sim'
import { RIGHT } from '@mica/policy'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { type CallResult, rsiInputError, rsiStateError, rsiSuccess } from '../rsi/result.ts'
import { callingMember, memoryArgument } from './arguments.ts'
import { othersWith, signal } from './signal.ts'
import type { MicaState } from './state.ts'

/**
 * Tells those who may read the memory x1 of the caller's policy that there is something to read: along the arrow only.
 * Whether anybody is there does not show.
 *
 * @returns In order: `RSI_ERROR_STATE` without a policy; `RSI_ERROR_INPUT` if the caller has no right to write such a
 *   memory; `RSI_ERROR_STATE` if it has left it; otherwise `RSI_SUCCESS`.
 */
export function notify(state: MicaState, monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const caller = callingMember(state, rec)
  if (caller === undefined) return rsiStateError()
  const own = memoryArgument(caller, x)
  if (own === undefined || (own.rights & RIGHT.write) === 0) return rsiInputError()
  const memory = caller.held.get(own.memory)
  if (memory === undefined) return rsiStateError()
  for (const holder of othersWith(RIGHT.read, memory, caller)) signal(monitor, holder)
  return rsiSuccess()
}
