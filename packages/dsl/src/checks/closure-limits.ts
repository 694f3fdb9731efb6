import { closureOverLimit, describeFact } from '@mica/policy'
import * as messages from '../diagnostics.ts'
import type { Check } from './check.ts'

/** Every peer's policy is within the limits, and if not, which peer to open so that it is, if any. */
export const closureLimits: Check = ({ body, workflow, scope }, report) => {
  const fact = body?.kind === 'workflow' ? closureOverLimit(workflow) : undefined
  const span = fact && scope.placeOf(String(fact.facts['peer']))
  if (fact === undefined || span === undefined) return
  const open = fact.facts['open']
  const item = typeof open === 'string' ? scope.peers.get(open)?.span : undefined
  report(messages.overLimit({ open, reason: describeFact(fact), item }, span))
}
