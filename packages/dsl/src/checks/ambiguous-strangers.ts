import { hasIdentity } from '@mica/policy'
import * as messages from '../diagnostics.ts'
import type { Check } from './check.ts'

/** A mapping that admits whoever comes. */
interface Place {
  readonly peer: number | null
  readonly name: string
}

/**
 * A component that nobody names fits one place of a memory: with two such places the monitor admits it to neither. Nobody
 * else fits the place that a policy's own peer has, so two strangers alone tell each other apart.
 */
export const ambiguousStrangers: Check = ({ workflow, scope }, report) => {
  for (const { name, mappings } of workflow.memories) {
    const places = mappings.flatMap(({ peer }): readonly Place[] => {
      if (peer === null) return [{ peer, name: 'any' }]
      const holder = workflow.peers[peer]
      if (holder === undefined || hasIdentity(holder) || holder.label !== undefined) return []
      return [{ peer, name: holder.name }]
    })
    const views = mappings.flatMap(({ peer }) => (peer === null ? [] : [places.filter((place) => place.peer !== peer)]))
    const [first, second] = views.find((others) => others.length > 1) ?? []
    const span = scope.placeOf(name)
    if (first === undefined || second === undefined || span === undefined) continue
    report(messages.ambiguousStrangers({ memory: name, first: first.name, second: second.name }, span))
  }
}
