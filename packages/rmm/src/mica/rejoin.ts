import type { GeneralRegisters } from '@mica/hw-sim'
import { RSI_ERROR_INPUT } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { answer, type CallResult, rsiInputError, rsiStateError, rsiSuccess } from '../rsi/result.ts'
import { checkAdmission } from './admission.ts'
import { callingMember, type Member, memoriesArgument } from './arguments.ts'
import { type ClaimedMemory, claimAgain } from './claimed-memories.ts'
import { joinMemory } from './commit.ts'
import { emitRefused } from './event.ts'
import type { ListedRange } from './frozen-policy.ts'
import { type Refusal, refuse } from './refusal.ts'
import type { MicaState } from './state.ts'

/**
 * Takes the caller's place in the memory x1 of its policy again, or in all that it has left. The same is validated as at
 * its upload, steps 4 to 6, against whoever is there now; all of what it names comes back, or nothing.
 *
 * @returns In order: `RSI_ERROR_STATE` without a policy; `RSI_ERROR_INPUT` with reason 0 if the caller has no place in such
 *   a memory; `RSI_ERROR_STATE` if it has left none of what it names, or its last return is less than a quantum ago;
 *   `RSI_ERROR_INPUT` with the number of the rule in x1 if it is refused; otherwise `RSI_SUCCESS`.
 */
export function rejoin(state: MicaState, monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const caller = callingMember(state, rec)
  if (caller === undefined) return rsiStateError()
  const named = memoriesArgument(caller, x)
  if (named === undefined) return rsiInputError()
  const left = named.filter(({ memory }) => !caller.held.has(memory))
  if (left.length === 0 || !caller.rejoinPace.isDue(rec, state.limits.quantum)) return rsiStateError()
  const claimed = validate(caller, left)
  if ('step' in claimed) {
    emitRefused(monitor, rec.realm, claimed)
    return answer(RSI_ERROR_INPUT, BigInt(claimed.number))
  }

  caller.rejoinPace.mark(monitor, rec.realm)
  for (const claim of claimed) {
    joinMemory(monitor, caller, caller.frozen, claim)
    caller.history.record('join', claim.memory)
  }
  return rsiSuccess()
}

function validate(caller: Member, left: readonly ListedRange[]): readonly ClaimedMemory[] | Refusal {
  const claimed: ClaimedMemory[] = []
  for (const range of left) {
    const claim = claimAgain(caller, range)
    if (claim === undefined) {
      return refuse(4, 'memory-not-covered', { memory: caller.frozen.policy.memories[range.memory]!.name })
    }
    claimed.push(claim)
  }
  return checkAdmission(caller, caller.frozen, claimed) ?? claimed
}
