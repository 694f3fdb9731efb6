import type { GeneralRegisters } from '@mica/hw-sim'
import { RIGHT } from '@mica/policy'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { type CallResult, rsiInputError, rsiStateError, rsiSuccess } from '../rsi/result.ts'
import { callingMember, memoryArgument } from './arguments.ts'
import { Pace } from './pace.ts'
import { othersWith, signal } from './signal.ts'
import type { MicaState } from './state.ts'

/**
 * Tells those who write the memory x1 of the caller's policy that the caller has room for one slot more. This is all that
 * goes against an arrow, and only where the policies of both ends call the memory `paced`.
 *
 * @returns In order: `RSI_ERROR_STATE` without a policy; `RSI_ERROR_INPUT` if the caller has no right to read such a
 *   memory, or it is not `paced`; `RSI_ERROR_STATE` if the caller has left it, or it is less than a quantum ago that the
 *   caller gave credit for it; otherwise `RSI_SUCCESS`.
 */
export function credit(state: MicaState, monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const caller = callingMember(state, rec)
  if (caller === undefined) return rsiStateError()
  const own = memoryArgument(caller, x)
  if (own === undefined || (own.rights & RIGHT.read) === 0) return rsiInputError()
  if (!caller.frozen.policy.memories[own.memory]!.paced) return rsiInputError()
  const memory = caller.held.get(own.memory)
  if (memory === undefined) return rsiStateError()
  const pace = caller.creditPace.get(own.memory) ?? new Pace()
  if (!pace.isDue(rec, state.limits.quantum)) return rsiStateError()

  pace.mark(monitor, rec.realm)
  caller.creditPace.set(own.memory, pace)
  for (const holder of othersWith(RIGHT.write, memory, caller)) {
    const { credits } = holder.member
    credits.set(holder.memory, (credits.get(holder.memory) ?? 0) + 1)
    signal(monitor, holder)
  }
  return rsiSuccess()
}
