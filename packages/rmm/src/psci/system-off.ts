import type { GeneralRegisters } from '@mica/hw-sim'
import { PSCI_SUCCESS, RMI_EXIT_PSCI } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import { emitRealm } from '../realm/event.ts'
import type { Realm } from '../realm/realm.ts'
import { NOTHING_PENDING, type Rec } from '../rec/rec.ts'
import type { CallResult } from '../rsi/result.ts'

/**
 * Ends the Realm's life as a system: none of its RECs is entered again. SYSTEM_RESET is the same to the monitor; a host
 * that wants the Realm back builds it anew.
 *
 * @see DEN0022 SYSTEM_OFF, SYSTEM_RESET
 */
export function systemOff(monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  return endSystem(monitor, rec.realm, x[0]!)
}

/** Ends a Realm as the PSCI function `fid` does, whoever wants it. */
export function endSystem(monitor: Monitor, realm: Realm, fid: bigint): CallResult {
  const record = { exit_reason: RMI_EXIT_PSCI, gprs: [fid] }
  return {
    kind: 'exit',
    exit: { class: 'call', id: Number(fid & 0xffff_ffffn), record },
    x0: PSCI_SUCCESS,
    pending: NOTHING_PENDING,
    commit: () => {
      realm.state = 'system-off'
      emitRealm(monitor, realm, realm.state)
    },
  }
}
