import type { GeneralRegisters } from '@mica/hw-sim'
import { PSCI_ALREADY_ON, PSCI_DENIED, PSCI_SUCCESS } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import { completeRequest } from '../psci/request.ts'
import { inputError, type RmiArguments, type RmiResult, success } from './result.ts'

/**
 * Answers what a REC asked about another one by PSCI, so that it can be entered again. `status` is the host's word on
 * turning a REC on; whether one is on the monitor knows better.
 *
 * @returns `RMI_ERROR_INPUT` if `calling` and `target` are not two different RECs, `calling` runs or has asked nothing,
 *   they are not of one Realm, `target` is not the one asked about, or `status` is neither SUCCESS nor, for CPU_ON,
 *   DENIED; also, but then the request is completed, if it is DENIED for a REC that is on; otherwise `RMI_SUCCESS`.
 * @see DEN0137 RMI_PSCI_COMPLETE
 */
export function psciComplete(
  monitor: Monitor,
  [calling, target]: RmiArguments,
  registers: GeneralRegisters,
): RmiResult {
  const caller = monitor.recAt(calling)
  const other = monitor.recAt(target)
  if (caller === undefined || other === undefined || caller === other) return inputError()
  if (caller.running || caller.pending.kind !== 'psci') return inputError()
  if (caller.realm !== other.realm) return inputError()
  const { request } = caller.pending
  if (request.target !== other.index) return inputError()
  // Compared as the register that it is: a status is a negative number, of which a double keeps 53 bits.
  const status = registers[3]
  const denied = status === PSCI_DENIED
  if (status !== PSCI_SUCCESS && !(denied && request.kind === 'cpu-on')) return inputError()

  const answer = completeRequest(caller, request, other, denied)
  return denied && answer === PSCI_ALREADY_ON ? inputError() : success()
}
