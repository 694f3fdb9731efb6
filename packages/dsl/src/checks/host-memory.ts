import * as messages from '../diagnostics.ts'
import type { Endpoint } from '../syntax/ast.ts'
import type { Check } from './check.ts'

/** Only a gateway has memory that the host can reach. */
export const hostMemory: Check = ({ items, scope }, report) => {
  for (const item of items) {
    let holders: readonly Endpoint[] = []
    if (item.kind === 'channel') {
      const ends = [...item.tail, ...item.head]
      if (ends.some((end) => end.kind === 'host')) holders = ends
    } else if (item.kind === 'memory' && item.memoryKind.text === 'unprotected') {
      holders = item.mappings.map((mapping) => mapping.holder)
    }
    for (const holder of holders) {
      const peer = holder.kind === 'peer' ? scope.peers.get(holder.name.text) : undefined
      if (peer === undefined || peer.gateway || !('name' in item)) continue
      const facts = { peer: peer.name.text, memory: item.name.text, declared: peer.name.span, item: peer.span }
      report(messages.notAGateway(facts, holder.span))
    }
  }
}
