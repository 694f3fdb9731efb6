import { GRANULE_STATE } from '../granule/state.ts'
import type { Monitor } from '../monitor.ts'
import { emitRec } from '../rec/event.ts'
import { inputError, type RmiArguments, type RmiResult, recError, success } from './result.ts'

/**
 * Ends a REC, whatever it waits for; its granules become `delegated`.
 *
 * @returns In order: `RMI_ERROR_INPUT` if `rec` is not a REC; `RMI_ERROR_REC` while it runs; otherwise `RMI_SUCCESS`.
 * @see DEN0137 RMI_REC_DESTROY
 */
export function recDestroy(monitor: Monitor, [address]: RmiArguments): RmiResult {
  const { granules } = monitor
  const rec = monitor.recAt(address)
  if (rec === undefined) return inputError()
  if (rec.running) return recError()

  rec.guest?.stop()
  monitor.recs.delete(rec.granule)
  granules.dropReference(rec.realm.identity.granule)
  granules.move(rec.granule, GRANULE_STATE.delegated)
  for (const auxiliary of rec.aux) granules.move(auxiliary, GRANULE_STATE.delegated)
  emitRec(monitor, rec, 'destroyed')
  return success()
}
