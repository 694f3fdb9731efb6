import type { GeneralRegisters } from '@mica/hw-sim'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import type { CallResult } from '../rsi/result.ts'
import { notifyHost } from './exit.ts'

/**
 * Turns the caller off: it is not entered again until another REC turns it on.
 *
 * @see DEN0022 CPU_OFF
 */
export function cpuOff(_monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  return notifyHost(x, () => {
    rec.runnable = false
  })
}
