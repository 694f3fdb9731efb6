import type { GeneralRegisters } from '@mica/hw-sim'
import { PSCI_ALREADY_ON, PSCI_INVALID_ADDRESS, PSCI_INVALID_PARAMETERS, recIndexOfMpidr } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { answer, type CallResult } from '../rsi/result.ts'
import { askHost } from './exit.ts'

/**
 * Turns on the REC whose MPIDR is in x1: it starts at the address in x2, with x3 in its x0. The host is asked, and
 * answers by RMI_PSCI_COMPLETE.
 *
 * @returns In order: `INVALID_ADDRESS` if the address is not protected; `INVALID_PARAMETERS` if no such REC was created;
 *   `ALREADY_ON` if it is the caller; otherwise what the host leads to: `SUCCESS`, `ALREADY_ON` or `DENIED`.
 * @see DEN0022 CPU_ON, DEN0137 PSCI_CPU_ON
 */
export function cpuOn(_monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const entryPoint = x[2]!
  const target = recIndexOfMpidr(x[1]!)
  if (entryPoint >= BigInt(rec.realm.ipaLimit / 2)) return answer(PSCI_INVALID_ADDRESS)
  if (target >= rec.realm.nextRecIndex) return answer(PSCI_INVALID_PARAMETERS)
  if (target === rec.index) return answer(PSCI_ALREADY_ON)
  return askHost(x, { kind: 'cpu-on', target, entryPoint, context: x[3]! })
}
