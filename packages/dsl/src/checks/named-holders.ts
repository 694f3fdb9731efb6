import * as messages from '../diagnostics.ts'
import type { Check } from './check.ts'

/** A memory of a workflow is in the policy of a peer that it names, so it names one. */
export const namedHolders: Check = ({ body, workflow, scope }, report) => {
  if (body?.kind !== 'workflow') return
  for (const { name, mappings } of workflow.memories) {
    const span = scope.placeOf(name)
    if (span !== undefined && mappings.every(({ peer }) => peer === null)) {
      report(messages.nobodyNamed({ memory: name }, span))
    }
  }
}
