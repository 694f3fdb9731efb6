import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { type CallResult, rsiStateError, rsiSuccess } from '../rsi/result.ts'

/**
 * The time of the machine, in nanoseconds since it booted.
 *
 * A Realm's own counter counts its own work. This clock is that of all of them, so it tells the caller how much others
 * have run: no Realm has it that did not ask for it in its policy, where everybody sees that.
 *
 * @returns `RSI_ERROR_STATE` without a policy, or, as a blocked call, where the policy does not list `call time: allow`;
 *   otherwise `RSI_SUCCESS`, with the time in x1.
 */
export function time(monitor: Monitor, { realm }: Rec): CallResult {
  if (realm.policy === undefined) return rsiStateError()
  return rsiSuccess(BigInt(monitor.machine.clock.nanoseconds))
}
