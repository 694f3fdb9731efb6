import type { GeneralRegisters } from '@mica/hw-sim'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { type CallResult, rsiInputError, rsiStateError, rsiSuccess } from '../rsi/result.ts'
import { callingMember, memoryArgument } from './arguments.ts'
import type { MicaState } from './state.ts'

/**
 * Tells the caller about the memory x1 of its policy: x1 where it has it, x2 bytes, x3 its rights now (0 when it has left),
 * x4 how many others hold it now (0 when it has left), x5 how often it was given credit in its life.
 *
 * @returns In order: `RSI_ERROR_STATE` without a policy; `RSI_ERROR_INPUT` if the caller has no place in such a memory;
 *   otherwise `RSI_SUCCESS`.
 */
export function channelInfo(state: MicaState, _monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const caller = callingMember(state, rec)
  if (caller === undefined) return rsiStateError()
  const own = memoryArgument(caller, x)
  if (own === undefined) return rsiInputError()
  const memory = caller.held.get(own.memory)
  const rights = memory === undefined ? 0 : own.rights
  const others = memory === undefined ? 0 : memory.holders.length - 1
  const credits = caller.credits.get(own.memory) ?? 0
  return rsiSuccess(...[own.base, own.size, rights, others, credits].map(BigInt))
}
