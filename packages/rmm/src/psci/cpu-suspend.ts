import type { GeneralRegisters } from '@mica/hw-sim'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import type { CallResult } from '../rsi/result.ts'
import { notifyHost } from './exit.ts'

/**
 * Lets the host know that the caller has nothing to do. Every power state is treated as one that keeps the context, so
 * the arguments do not matter, and the caller goes on behind the call.
 *
 * @see DEN0022 CPU_SUSPEND
 */
export function cpuSuspend(_monitor: Monitor, _rec: Rec, x: GeneralRegisters): CallResult {
  return notifyHost(x)
}
