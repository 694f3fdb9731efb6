import * as messages from '../diagnostics.ts'
import type { Check } from './check.ts'

/** A gateway has memory that the host can reach, else it is none; an open one may have it without this file knowing. */
export const gatewayWithoutHostMemory: Check = ({ workflow, scope }, report) => {
  const meeting = new Set<number | null>()
  for (const { kind, mappings } of workflow.memories) {
    if (kind === 'unprotected') for (const { peer } of mappings) meeting.add(peer)
  }
  for (const [index, { name, gateway, strict }] of workflow.peers.entries()) {
    const span = scope.placeOf(name)
    if (!gateway || !strict || meeting.has(index) || span === undefined) continue
    const word = scope.peers.get(name)?.modifiers.find((modifier) => modifier.word === 'gateway')
    report(messages.gatewayWithoutHostMemory({ peer: name, word: word?.span }, span))
  }
}
