import { PSCI_SUCCESS, PSCI_SYSTEM_OFF, RMI_EXIT_PSCI } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import { emitRealm } from '../realm/event.ts'
import { NOTHING_PENDING, type Rec } from '../rec/rec.ts'
import type { CallResult } from '../rsi/result.ts'

/**
 * Ends the Realm's life as a system: none of its RECs is entered again.
 *
 * @see DEN0022 SYSTEM_OFF
 */
export function systemOff(monitor: Monitor, rec: Rec): CallResult {
  const record = { exit_reason: RMI_EXIT_PSCI, gprs: [PSCI_SYSTEM_OFF] }
  return {
    kind: 'exit',
    exit: { class: 'call', id: Number(PSCI_SYSTEM_OFF), record },
    x0: PSCI_SUCCESS,
    pending: NOTHING_PENDING,
    commit: () => {
      rec.realm.state = 'system-off'
      emitRealm(monitor, rec.realm, rec.realm.state)
    },
  }
}
