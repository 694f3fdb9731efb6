import { hasIdentity } from '@mica/policy'
import * as messages from '../diagnostics.ts'
import type { Check } from './check.ts'

/** A component that nobody names fits one place of a memory: with two such places the monitor admits it to neither. */
export const ambiguousStrangers: Check = ({ workflow, scope }, report) => {
  for (const { name, mappings } of workflow.memories) {
    const places = mappings.flatMap(({ peer }) => {
      if (peer === null) return ['any']
      const holder = workflow.peers[peer]
      if (holder === undefined || hasIdentity(holder) || holder.label !== undefined) return []
      return [holder.name]
    })
    const [first, second] = places
    const span = scope.placeOf(name)
    if (first === undefined || second === undefined || span === undefined) continue
    report(messages.ambiguousStrangers({ memory: name, first, second }, span))
  }
}
