import type { Monitor } from '../monitor.ts'
import { emitRealm } from '../realm/event.ts'
import { inputError, type RmiArguments, type RmiResult, realmError, success } from './result.ts'

/**
 * Makes a new Realm runnable, freezing its initial measurement.
 *
 * @returns In order: `RMI_ERROR_INPUT` if `rd` is not a Realm descriptor; `RMI_ERROR_REALM` if the Realm is not new;
 *   otherwise `RMI_SUCCESS`.
 * @see DEN0137 RMI_REALM_ACTIVATE
 */
export function realmActivate(monitor: Monitor, [rd]: RmiArguments): RmiResult {
  const realm = monitor.realmAt(rd)
  if (realm === undefined) return inputError()
  if (realm.state !== 'new') return realmError()
  realm.state = 'active'
  emitRealm(monitor, realm, realm.state)
  return success()
}
