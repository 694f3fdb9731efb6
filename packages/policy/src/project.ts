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
 * @returns Refused, in order of priority: no such peer; a closure over `limits`, with the peer to open if that helps; a peer of the
 *   closure whose image is not measured yet, which would otherwise be taken for `any`.
 */
export function project(workflow: Workflow, peer: string, limits: PolicyLimits = DEFAULT_LIMITS): Projection {
  const self = workflow.peers.findIndex(({ name }) => name === peer)
  if (self < 0) return { kind: 'refused', fact: makeFact('unknown-peer', { peer }) }
  const closure = closureOf(workflow, self, limits)
  const fact = checkClosure(workflow, closure, peer, limits)
  return fact === undefined ? { kind: 'policy', policy: policyOf(workflow, self, closure) } : { kind: 'refused', fact }
}

/** The policy of the peer at an index that says all that a workflow says: one tenant's own view, which is not projected. */
export function wholePolicy(workflow: Workflow, self: number): Policy {
  return policyOf(workflow, self, {
    peers: new Set(workflow.peers.keys()),
    followed: new Set(workflow.peers.keys()),
    memories: new Set(workflow.memories.keys()),
    excess: undefined,
  })
}

/**
 * The first peer whose policy would be over a limit, as the fact that `project` refuses it with, or `undefined`: what
 * can be asked of a workflow whose images are not measured.
 */
export function closureOverLimit(workflow: Workflow, limits: PolicyLimits = DEFAULT_LIMITS): Fact | undefined {
  for (const [self, { name }] of workflow.peers.entries()) {
    const fact = checkLimits(workflow, closureOf(workflow, self, limits), name, limits)
    if (fact !== undefined) return fact
  }
  return undefined
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
  /** The followed peer at which the closure first grew over a limit: Self, if its own memories do it. */
  readonly excess: number | undefined
}

/** What every projection of one workflow asks: where a peer has mappings and rules. */
interface WorkflowIndex {
  /** Indices of memories, by peer. */
  readonly memoriesOf: readonly (readonly number[])[]
  /** Indices of transitions, by peer. */
  readonly transitionsOf: readonly (readonly number[])[]
}

// INVARIANT: workflows are never changed after they are made, as their types say.
const indexes = new WeakMap<Workflow, WorkflowIndex>()

function indexOf(workflow: Workflow): WorkflowIndex {
  const known = indexes.get(workflow)
  if (known !== undefined) return known
  const memoriesOf: number[][] = workflow.peers.map(() => [])
  for (const [index, { mappings }] of workflow.memories.entries()) {
    for (const { peer } of mappings) if (peer !== null) memoriesOf[peer]!.push(index)
  }
  const transitionsOf: number[][] = workflow.peers.map(() => [])
  for (const [index, { peer }] of workflow.transitions.entries()) transitionsOf[peer]!.push(index)
  const index = { memoriesOf, transitionsOf }
  indexes.set(workflow, index)
  return index
}

/** The closure of a peer; one over the limits is cut short at the peer where it grew over them. */
function closureOf(workflow: Workflow, self: number, limits: PolicyLimits): Closure {
  const { memoriesOf } = indexOf(workflow)
  const peers = new Set([self])
  const followed = new Set([self])
  const memories = new Set<number>()
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
    const over = peers.size > limits.peers || memories.size > limits.memories
    if (over) return { peers, followed, memories, excess: from }
  }
  return { peers, followed, memories, excess: undefined }
}

function checkLimits(workflow: Workflow, closure: Closure, peer: string, limits: PolicyLimits): Fact | undefined {
  const counts = {
    peers: closure.peers.size,
    memories: closure.memories.size,
    transitions: transitionsIn(workflow, closure).length,
  }
  for (const what of ['peers', 'memories', 'transitions'] as const) {
    const count = counts[what]
    if (count <= limits[what]) continue
    const culprit = closure.excess ?? [...closure.followed].at(-1)!
    const { name: open, origin } = workflow.peers[culprit]!
    // Nothing ends a policy before its own memories.
    if (open === peer) return makeFact('own-over-limit', { peer, what, count, limit: limits[what] }, [origin])
    return makeFact('closure-over-limit', { peer, what, count, limit: limits[what], open }, [origin])
  }
  return undefined
}

function checkClosure(workflow: Workflow, closure: Closure, peer: string, limits: PolicyLimits): Fact | undefined {
  const fact = checkLimits(workflow, closure, peer, limits)
  if (fact !== undefined) return fact
  for (const index of closure.peers) {
    const { name, image, rims, origin } = workflow.peers[index]!
    if (image !== undefined && rims.length === 0) return makeFact('unmeasured-image', { peer: name }, [origin])
  }
  return undefined
}

/** Indices of the rules of the followed peers, in file order. */
function transitionsIn(workflow: Workflow, { followed }: Closure): readonly number[] {
  const { transitionsOf } = indexOf(workflow)
  return inOrder([...followed].flatMap((peer) => transitionsOf[peer]!))
}

const inOrder = (indices: Iterable<number>): number[] => [...indices].sort((a, b) => a - b)

function policyOf(workflow: Workflow, self: number, closure: Closure): Policy {
  const kept = inOrder(closure.peers)
  const positions = new Map(kept.map((index, position) => [index, position]))
  // INVARIANT: every peer of a kept memory and of a kept transition is in the closure.
  const moved = (index: number): number => positions.get(index)!
  const { version, assertions } = workflow
  return {
    self: moved(self),
    peers: kept.map((index) => peerOf(workflow.peers[index]!)),
    memories: inOrder(closure.memories).map((index) => memoryOf(workflow.memories[index]!, moved)),
    transitions: transitionsIn(workflow, closure).map((index) => transitionOf(workflow.transitions[index]!, moved)),
    ...(version === undefined ? {} : { version }),
    ...(assertions.length === 0 ? {} : { assertionDigest: assertionDigest(assertions) }),
  }
}

// Each part is copied by name, so that what only a workflow knows (origins, images) stays behind.
function peerOf({ name, gateway, strict, rims, rpv, label }: Peer): Peer {
  return {
    name,
    gateway,
    strict,
    rims,
    ...(rpv === undefined ? {} : { rpv }),
    ...(label === undefined ? {} : { label }),
  }
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

function transitionOf(transition: Transition, moved: (index: number) => number): Transition {
  const { peer, class: transitionClass, action, ranges, written } = transition
  const order = written === undefined ? {} : { written }
  return { peer: moved(peer), class: transitionClass, action, ranges, ...order }
}
