import type { GeneralRegisters } from '@mica/hw-sim'
import { PSCI_SUCCESS, RMI_EXIT_PSCI } from '../abi/index.ts'
import type { RecExit } from '../rec/exit.ts'
import { functionIdentifier } from '../rec/function-identifier.ts'
import { NOTHING_PENDING } from '../rec/rec.ts'
import { type CallResult, writeResult } from '../rsi/result.ts'
import type { PsciRequest } from './request.ts'

/** An exit that shows the host the first `registers` registers of the call, and nothing else. */
function psciExit(x: GeneralRegisters, registers: 1 | 2): RecExit {
  const record = { exit_reason: RMI_EXIT_PSCI, gprs: Array.from(x.subarray(0, registers)) }
  return { class: 'call', id: functionIdentifier(x), record }
}

/** The host is told of a call, by function identifier only; the caller goes on with success when it is entered again. */
export function notifyHost(x: GeneralRegisters, commit?: () => void): CallResult {
  return {
    kind: 'exit',
    exit: psciExit(x, 1),
    x0: PSCI_SUCCESS,
    pending: NOTHING_PENDING,
    commit: () => {
      writeResult(x, PSCI_SUCCESS, [])
      commit?.()
    },
  }
}

/** The host is asked about another REC. Registers stay as they are until RMI_PSCI_COMPLETE puts the answer there. */
export function askHost(x: GeneralRegisters, request: PsciRequest): CallResult {
  return { kind: 'exit', exit: psciExit(x, 2), x0: x[0]!, pending: { kind: 'psci', request } }
}
