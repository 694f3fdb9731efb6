import * as messages from '../diagnostics.ts'
import type { Check } from './check.ts'

/** A gateway has memory that the host can reach: else it is none. */
export const gatewayWithoutHostMemory: Check = ({ workflow, scope }, report) => {
  const meeting = new Set<number | null>()
  for (const { kind, mappings } of workflow.memories) {
    if (kind === 'unprotected') for (const { peer } of mappings) meeting.add(peer)
  }
  for (const [index, { name, gateway }] of workflow.peers.entries()) {
    const span = scope.placeOf(name)
    if (gateway && !meeting.has(index) && span !== undefined)
      report(messages.gatewayWithoutHostMemory({ peer: name }, span))
  }
}
