import { DEFAULT_LIMITS, describeFact, project } from '@mica/policy'
import * as messages from '../diagnostics.ts'
import type { Check } from './check.ts'

/** Every peer's policy is within the limits, and if not, which peer to open so that it is. */
export const closureLimits: Check = ({ workflow, scope }, report) => {
  const within = (['peers', 'memories', 'transitions'] as const).every(
    (what) => workflow[what].length <= DEFAULT_LIMITS[what],
  )
  if (within) return
  for (const { name } of workflow.peers) {
    const projection = project(workflow, name)
    const span = scope.placeOf(name)
    if (projection.kind === 'policy' || projection.fact.rule !== 'closure-over-limit' || span === undefined) continue
    const open = String(projection.fact.facts['open'])
    report(messages.overLimit({ open, reason: describeFact(projection.fact) }, span))
    // Opening that peer changes every policy it is in, so what the others would say is out of date.
    return
  }
}
