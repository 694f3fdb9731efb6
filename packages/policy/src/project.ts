import { type Fact, makeFact } from './facts.ts'
import { assertionDigest } from './flow/print-assertion.ts'
import { DEFAULT_LIMITS, type PolicyLimits } from './limits.ts'
import type { Memory, Peer, Policy, Transition, Workflow, WorkflowPeer } from './model.ts'

/** One peer's policy of a workflow, or why there is none. */
export type Projection =
  | { readonly kind: 'policy'; readonly policy: Policy }
  | { readonly kind: 'refused'; readonly fact: Fact }

/**
 * The policy of one peer of a workflow: that peer as Self, every peer reachable from it over memories without passing
 * an `open` peer or `any`, and all memories and transitions of Self and of the strict ones among them.
 *
 * In a closed workflow the policies of all peers of one connected part are the same but for Self.
 * @returns Refused, in order of priority: no such peer; a closure over `limits`, with the peer to open; a peer of the
 *   closure whose image is not measured yet, which would otherwise be taken for `any`.
 */
export function project(workflow: Workflow, peer: string, limits: PolicyLimits = DEFAULT_LIMITS): Projection {
  const self = workflow.peers.findIndex(({ name }) => name === peer)
  if (self < 0) return { kind: 'refused', fact: makeFact('unknown-peer', { peer }) }
  const closure = closureOf(workflow, self, limits)
  const fact = checkClosure(workflow, closure, peer, limits)
  return fact === undefined ? { kind: 'policy', policy: policyOf(workflow, self, closure) } : { kind: 'refused', fact }
}

/** A workflow whose peers have the measurements of their images, by peer name; peers not named keep theirs. */
export function withIdentities(workflow: Workflow, rims: ReadonlyMap<string, readonly Uint8Array[]>): Workflow {
  return { ...workflow, peers: workflow.peers.map((peer) => ({ ...peer, rims: rims.get(peer.name) ?? peer.rims })) }
}

/** Whether a workflow peer stands for components of one known measurement, or of one its image will have. */
export function hasIdentity(peer: WorkflowPeer): boolean {
  return peer.rims.length > 0 || peer.image !== undefined
}

/** Indices of what a projection holds. */
interface Closure {
  readonly peers: ReadonlySet<number>
  /** Those whose memories and transitions are all in it. */
  readonly followed: ReadonlySet<number>
  readonly memories: ReadonlySet<number>
  /** The followed peer, not Self, at which the closure first grew over a limit. */
  readonly excess: number | undefined
}

function closureOf(workflow: Workflow, self: number, limits: PolicyLimits): Closure {
  const memoriesOf: number[][] = workflow.peers.map(() => [])
  for (const [index, { mappings }] of workflow.memories.entries()) {
    for (const { peer } of mappings) if (peer !== null) memoriesOf[peer]!.push(index)
  }
  const peers = new Set([self])
  const followed = new Set([self])
  const memories = new Set<number>()
  let excess: number | undefined
  // A Set is iterated in order of insertion, additions included: this is breadth first.
  for (const from of followed) {
    for (const index of memoriesOf[from]!) {
      memories.add(index)
      for (const { peer } of workflow.memories[index]!.mappings) {
        if (peer === null) continue
        peers.add(peer)
        const entry = workflow.peers[peer]!
        if (entry.strict && hasIdentity(entry)) followed.add(peer)
      }
    }
    if (from !== self && (peers.size > limits.peers || memories.size > limits.memories)) excess ??= from
  }
  return { peers, followed, memories, excess }
}

function checkClosure(workflow: Workflow, closure: Closure, peer: string, limits: PolicyLimits): Fact | undefined {
  const counts = {
    peers: closure.peers.size,
    memories: closure.memories.size,
    transitions: workflow.transitions.filter((transition) => closure.followed.has(transition.peer)).length,
  }
  for (const what of ['peers', 'memories', 'transitions'] as const) {
    const count = counts[what]
    if (count <= limits[what]) continue
    const culprit = closure.excess ?? [...closure.followed].at(-1)!
    const { name: open, origin } = workflow.peers[culprit]!
    return makeFact('closure-over-limit', { peer, what, count, limit: limits[what], open }, [origin])
  }
  for (const index of closure.peers) {
    const { name, image, rims, origin } = workflow.peers[index]!
    if (image !== undefined && rims.length === 0) return makeFact('unmeasured-image', { peer: name }, [origin])
  }
  return undefined
}

function policyOf(workflow: Workflow, self: number, closure: Closure): Policy {
  const kept = [...workflow.peers.keys()].filter((index) => closure.peers.has(index))
  const indexOf = new Map(kept.map((index, position) => [index, position]))
  // INVARIANT: every peer of a kept memory and of a kept transition is in the closure.
  const moved = (index: number): number => indexOf.get(index)!
  const { version, assertions } = workflow
  return {
    self: moved(self),
    peers: kept.map((index) => peerOf(workflow.peers[index]!)),
    memories: workflow.memories
      .filter((_, index) => closure.memories.has(index))
      .map((memory) => memoryOf(memory, moved)),
    transitions: workflow.transitions
      .filter(({ peer }) => closure.followed.has(peer))
      .map((transition) => transitionOf(transition, moved)),
    ...(version === undefined ? {} : { version }),
    ...(assertions.length === 0 ? {} : { assertionDigest: assertionDigest(assertions) }),
  }
}

// Each part is copied by name, so that what only a workflow knows (origins, images) stays behind.
function peerOf({ name, gateway, strict, rims, rpv }: Peer): Peer {
  return { name, gateway, strict, rims, ...(rpv === undefined ? {} : { rpv }) }
}

function memoryOf({ name, kind, granules, mappings, paced }: Memory, moved: (index: number) => number): Memory {
  return {
    name,
    kind,
    granules,
    paced,
    mappings: mappings.map(({ peer, rights, ipaGranule, anyCount }) => ({
      peer: peer === null ? null : moved(peer),
      rights,
      ipaGranule,
      ...(anyCount === undefined ? {} : { anyCount }),
    })),
  }
}

function transitionOf({ peer, action, ranges, ...rest }: Transition, moved: (index: number) => number): Transition {
  return { peer: moved(peer), class: rest.class, action, ranges }
}
