import {
  PSCI_AFFINITY_INFO_OFF,
  PSCI_AFFINITY_INFO_ON,
  PSCI_ALREADY_ON,
  PSCI_DENIED,
  PSCI_SUCCESS,
} from '../abi/index.ts'
import { invariant } from '../invariant.ts'
import type { Monitor } from '../monitor.ts'
import { NOTHING_PENDING, type Rec } from '../rec/rec.ts'
import { writeResult } from '../rsi/result.ts'

/** What a REC has asked about another REC of its Realm, by that one's index. */
export type PsciRequest =
  | { readonly kind: 'cpu-on'; readonly target: number; readonly entryPoint: bigint; readonly context: bigint }
  | { readonly kind: 'affinity-info'; readonly target: number }

/** Whether a REC is on, as PSCI means it: it may be entered, or is about to leave, not turned off completely yet. */
function isOn(rec: Rec): boolean {
  return rec.running || rec.runnable
}

/**
 * Does what a REC has asked, puts the answer into its registers, and lets it be entered again.
 *
 * @param target The REC asked about; absent if it was destroyed.
 * @param denied Whether the host does not permit a REC to be turned on.
 * @returns What the caller gets in x0.
 */
export function completeRequest(caller: Rec, request: PsciRequest, target: Rec | undefined, denied: boolean): bigint {
  invariant(caller.guest !== undefined, 'a REC that has asked for something has run')
  const answer = fulfil(request, target, denied)
  writeResult(caller.guest.x, answer, [])
  caller.pending = NOTHING_PENDING
  return answer
}

/**
 * Ends a request that the policy kept from the host: turning on is denied, since nobody was asked. Whether a REC is on
 * the monitor knows by itself.
 */
export function completeUnseen(monitor: Monitor, caller: Rec, request: PsciRequest): void {
  const { realm } = caller
  const target = [...monitor.recs.values()].find((rec) => rec.realm === realm && rec.index === request.target)
  completeRequest(caller, request, target, true)
}

function fulfil(request: PsciRequest, target: Rec | undefined, denied: boolean): bigint {
  const on = target !== undefined && isOn(target)
  switch (request.kind) {
    case 'affinity-info':
      return on ? PSCI_AFFINITY_INFO_ON : PSCI_AFFINITY_INFO_OFF
    case 'cpu-on':
      if (on) return PSCI_ALREADY_ON
      if (denied || target === undefined) return PSCI_DENIED
      target.restart(request.entryPoint, request.context)
      return PSCI_SUCCESS
  }
}
