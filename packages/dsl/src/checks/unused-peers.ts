import * as messages from '../diagnostics.ts'
import type { Check } from './check.ts'

/** Every peer takes part, and all of them in one workflow. */
export const unusedPeers: Check = ({ workflow, scope }, report) => {
  // Peers that share a memory are joined: following `parent` leads to one representative of each group.
  const parent = [...workflow.peers.keys()]
  const root = (peer: number): number => {
    let at = peer
    while (parent[at]! !== at) {
      parent[at] = parent[parent[at]!]!
      at = parent[at]!
    }
    return at
  }
  const used = new Set<number>()
  for (const { mappings } of workflow.memories) {
    const peers = mappings.flatMap((mapping) => mapping.peer ?? [])
    for (const peer of peers) {
      used.add(peer)
      parent[root(peer)] = root(peers[0] ?? peer)
    }
  }
  const [first] = used
  const rest = workflow.peers.filter(
    (_, index) => first !== undefined && used.has(index) && root(index) === root(first),
  )
  const others = rest.slice(0, 4).map((peer) => peer.name)
  for (const [index, { name }] of workflow.peers.entries()) {
    const span = scope.placeOf(name)
    if (span === undefined) continue
    if (!used.has(index)) report(messages.unusedPeer({ peer: name, item: scope.peers.get(name)?.span }, span))
    else if (first !== undefined && root(index) !== root(first))
      report(messages.unreachablePeer({ peer: name, others }, span))
  }
}
