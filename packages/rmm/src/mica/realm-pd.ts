import { GRANULE_SIZE } from '@mica/hw-sim'
import { GRANULE_STATE } from '../granule/state.ts'
import type { Monitor } from '../monitor.ts'
import { inputError, type RmiArguments, type RmiResult, realmError, success } from '../rmi/result.ts'
import type { MicaState } from './state.ts'

/**
 * Gives a Realm a granule for its policy; the host repeats it for a longer one.
 *
 * @returns In order: `RMI_ERROR_INPUT` if `pd` is not `delegated` or `rd` not a Realm descriptor; `RMI_ERROR_REALM` if
 *   the Realm has a policy already, or as many such granules as the longest policy fills; otherwise `RMI_SUCCESS`.
 */
export function realmPd(state: MicaState, monitor: Monitor, [rd, pd]: RmiArguments): RmiResult {
  const granule = monitor.delegatedAt(pd)
  if (granule === undefined) return inputError()
  const realm = monitor.realmAt(rd)
  if (realm === undefined) return inputError()
  if (realm.policy !== undefined) return realmError()
  const pds = state.find(realm)?.pds.length ?? 0
  if (pds * GRANULE_SIZE >= state.limits.policy.blobBytes) return realmError()

  monitor.granules.move(granule, GRANULE_STATE.pd)
  state.of(realm).pds.push(granule)
  return success()
}
