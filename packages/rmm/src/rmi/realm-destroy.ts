import { GRANULE_STATE } from '../granule/state.ts'
import type { Monitor } from '../monitor.ts'
import { emitRealm } from '../realm/event.ts'
import { inputError, type RmiArguments, type RmiResult, realmError, success } from './result.ts'

/**
 * Ends a Realm in any state; its descriptor and start-level tables become `delegated`.
 *
 * @returns In order: `RMI_ERROR_INPUT` if `rd` is not a Realm descriptor; `RMI_ERROR_REALM` while it has RECs, or a
 *   start-level table holds a reference; otherwise `RMI_SUCCESS`.
 * @see DEN0137 RMI_REALM_DESTROY
 */
export function realmDestroy(monitor: Monitor, [rd]: RmiArguments): RmiResult {
  const realm = monitor.realmAt(rd)
  if (realm === undefined) return inputError()
  const { granule, startTable, startTables, vmid } = realm.identity
  const { granules } = monitor
  if (granules.references(granule) > 0) return realmError()
  for (let i = 0; i < startTables; i++) if (granules.references(startTable + i) > 0) return realmError()

  monitor.extension?.realmDestroyed(monitor, realm)
  for (let i = 0; i < startTables; i++) granules.move(startTable + i, GRANULE_STATE.delegated)
  granules.move(granule, GRANULE_STATE.delegated)
  monitor.vmids.delete(vmid)
  monitor.realms.delete(granule)
  emitRealm(monitor, realm, 'destroyed')
  return success()
}
