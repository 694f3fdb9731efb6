import { exitReasonName } from '../abi/index.ts'
import { hex } from '../event-text.ts'
import type { Monitor } from '../monitor.ts'
import type { TransitionDecision } from '../realm/policy.ts'
import type { RecExit } from './exit.ts'
import type { Rec } from './rec.ts'

/** What holds of every exit of a Realm without a policy. */
const NO_POLICY: TransitionDecision = { action: 'allow', rule: 'no-policy' }

/** What is done with an exit: the Realm's policy says, if it has one. */
export function decide(rec: Rec, exit: RecExit): TransitionDecision {
  return rec.realm.policy?.transition(exit.class, exit.id) ?? NO_POLICY
}

/** Whether an exit does not happen; the trace then says why. */
export function isBlocked(monitor: Monitor, rec: Rec, exit: RecExit): boolean {
  const decision = decide(rec, exit)
  if (decision.action !== 'block') return false
  emitExit(monitor, rec, exit, decision)
  return true
}

/** Reports an exit, with what the host sees of it; or that it was blocked, and by which rule. */
export function emitExit(monitor: Monitor, rec: Rec, exit: RecExit, decision: TransitionDecision): void {
  if (!monitor.events.enabled) return
  monitor.events.emit({
    event: 'exit',
    rec: hex(rec.address),
    rd: hex(rec.realm.rd),
    class: exit.class,
    id: hex(exit.id),
    action: decision.action,
    rule: decision.rule,
    ...hostView(exit, decision),
  })
}

function hostView(exit: RecExit, { action }: TransitionDecision): { reason?: string; gprs?: string[] } {
  switch (action) {
    case 'block':
      return {}
    case 'scrub':
      return { reason: 'IRQ', gprs: [] }
    case 'allow': {
      const registers = exit.record.gprs ?? []
      const used = registers.findLastIndex((register) => register !== 0n) + 1
      return { reason: exitReasonName(exit.record.exit_reason ?? 0), gprs: registers.slice(0, used).map(hex) }
    }
  }
}
