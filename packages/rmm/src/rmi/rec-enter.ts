import { decodeRmiRecEnter, REC_EXIT_OFFSET } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import { acceptableAnswer } from '../rec/entry.ts'
import { acceptableInterrupts } from '../rec/gic.ts'
import { runRec } from '../rec/run.ts'
import { inputError, type RmiArguments, type RmiResult, realmError, recError, success } from './result.ts'

/** Index of RMI_ERROR_REALM that tells a Realm that ended from one that has not begun. */
const SYSTEM_OFF = 1

/**
 * Runs a REC on this PE until something needs the host. The run page is read once before and written once after.
 *
 * @returns In order: `RMI_ERROR_INPUT` if the run page is not Non-secure memory or `rec` is not a REC; `RMI_ERROR_REC`
 *   while it runs elsewhere; `RMI_ERROR_INPUT` if hardware refuses to read the run page; `RMI_ERROR_REALM` with 0 if the
 *   Realm is new, with 1 if it is off; `RMI_ERROR_REC` if the REC is off or waits for RMI_PSCI_COMPLETE, the virtual
 *   interrupts are not acceptable, or the host answers an exit that did not happen; `RMI_ERROR_INPUT` if hardware
 *   refuses to write the exit; otherwise `RMI_SUCCESS`.
 * @see DEN0137 RMI_REC_ENTER
 */
export function recEnter(monitor: Monitor, [address, run]: RmiArguments): RmiResult {
  if (!monitor.isUndelegated(run)) return inputError()
  const rec = monitor.recAt(address)
  if (rec === undefined) return inputError()
  if (rec.running) return recError()
  const page = monitor.readHostPage(run)
  if (page === undefined) return inputError()
  const { realm } = rec
  if (realm.state === 'new') return realmError()
  if (realm.state === 'system-off') return realmError(SYSTEM_OFF)
  if (!rec.runnable || rec.pending.kind === 'psci') return recError()
  const enter = decodeRmiRecEnter(page)
  if (!acceptableInterrupts(enter, monitor.platform)) return recError()
  if (!acceptableAnswer(rec, enter)) return recError()

  rec.running = true
  const exit = runRec(monitor, rec, enter)
  rec.running = false
  return monitor.writeHostPage(run, REC_EXIT_OFFSET, exit) ? success() : inputError()
}
