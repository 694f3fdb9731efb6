import { GRANULE_STATE } from '../granule/state.ts'
import type { Monitor } from '../monitor.ts'
import { inputError, type RmiArguments, type RmiResult, success } from '../rmi/result.ts'
import type { MicaState } from './state.ts'

/**
 * Gives the monitor a granule of the shared granule table: room for 512 shared granules.
 *
 * @returns `RMI_ERROR_INPUT` if `sgt` is not `delegated`; otherwise `RMI_SUCCESS`.
 */
export function sgt(state: MicaState, monitor: Monitor, [address]: RmiArguments): RmiResult {
  const granule = monitor.delegatedAt(address)
  if (granule === undefined) return inputError()
  monitor.granules.move(granule, GRANULE_STATE.sgt)
  state.roomySgts.add(granule)
  return success()
}

/**
 * Takes a granule of the shared granule table back.
 *
 * @returns `RMI_ERROR_INPUT` if `sgt` is no such granule, or holds a record; otherwise `RMI_SUCCESS`.
 */
export function sgtDestroy(state: MicaState, monitor: Monitor, [address]: RmiArguments): RmiResult {
  const granule = monitor.granules.find(address, GRANULE_STATE.sgt)
  if (granule === undefined || monitor.granules.references(granule) > 0) return inputError()
  monitor.granules.move(granule, GRANULE_STATE.delegated)
  state.roomySgts.delete(granule)
  return success()
}
