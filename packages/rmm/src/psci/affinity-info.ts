import type { GeneralRegisters } from '@mica/hw-sim'
import { PSCI_AFFINITY_INFO_ON, PSCI_INVALID_PARAMETERS, recIndexOfMpidr } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { answer, type CallResult } from '../rsi/result.ts'
import { askHost } from './exit.ts'

/**
 * Asks whether the REC whose MPIDR is in x1 is on. x2 is the affinity level, and only single RECs (0) are known.
 *
 * @returns `INVALID_PARAMETERS` for another level, or if no such REC was created; otherwise on (0) or off (1): at once
 *   if it is the caller, else when the host has answered by RMI_PSCI_COMPLETE.
 * @see DEN0022 AFFINITY_INFO, DEN0137 PSCI_AFFINITY_INFO
 */
export function affinityInfo(_monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  if (x[2] !== 0n) return answer(PSCI_INVALID_PARAMETERS)
  const target = recIndexOfMpidr(x[1]!)
  if (target >= rec.realm.nextRecIndex) return answer(PSCI_INVALID_PARAMETERS)
  if (target === rec.index) return answer(PSCI_AFFINITY_INFO_ON)
  return askHost(x, { kind: 'affinity-info', target })
}
