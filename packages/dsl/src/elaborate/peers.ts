import type { WorkflowPeer } from '@mica/policy'
import type { PeerItem } from '../syntax/ast.ts'

/** The peers in file order, so that a peer's index is its place in the scope. */
export function elaboratePeers(items: Iterable<PeerItem>): WorkflowPeer[] {
  return Array.from(items, ({ name, identity, rpv, gateway, open, trusted, span }) => ({
    name: name.text,
    gateway,
    strict: !open,
    rims: identity?.kind === 'rim' ? identity.rims.map((rim) => rim.bytes) : [],
    rpv: rpv?.bytes,
    trusted,
    image: identity?.kind === 'image' ? identity.path : undefined,
    origin: span,
  }))
}
