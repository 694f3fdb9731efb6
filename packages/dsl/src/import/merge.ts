import {
  checkWellFormed,
  describeFact,
  encodeBlob,
  limitsFor,
  type Mapping,
  type Memory,
  type Peer,
  type Policy,
  project,
  type Transition,
  type Workflow,
  type WorkflowPeer,
} from '@mica/policy'
import { mergedOrder } from './merged-order.ts'

/** One peer's view, and the file that it came from. */
export interface View {
  readonly file: string
  readonly policy: Policy
}

/** A workflow that every view is a view of, or why there is none. */
export type Merging =
  | {
      readonly kind: 'workflow'
      readonly workflow: Workflow
      /** Where the projection to a peer says less or more than its view did: about nothing that is enforced on it. */
      readonly differences: readonly { readonly peer: string; readonly reason: string; readonly file: string }[]
    }
  | { readonly kind: 'differ'; readonly reason: string; readonly files: readonly string[] }

/**
 * Merges views of one group into one workflow if they agree: about every peer and memory that two of them mention, and
 * each Self's view lists everything that others say it has.
 *
 * Peers are matched by identity: measurements and personalization value, else label, else name.
 */
export function mergeViews(views: readonly View[], name: string): Merging {
  const merger = new Merger()
  for (const view of views) {
    const reason = merger.add(view)
    if (reason !== undefined) return { kind: 'differ', reason, files: [view.file] }
  }
  const incomplete = merger.incompleteView()
  if (incomplete !== undefined) return incomplete
  const workflow = merger.workflow(name)
  const policy = { self: 0, ...workflow }
  const fact = checkWellFormed(policy, limitsFor(policy))
  if (fact !== undefined) return { kind: 'differ', reason: describeFact(fact), files: [] }
  return { kind: 'workflow', workflow, differences: views.flatMap((view) => difference(workflow, view)) }
}

class Merger {
  readonly #views: { readonly view: View; readonly self: number }[] = []
  readonly #peers: WorkflowPeer[] = []
  readonly #byIdentity = new Map<string, number>()
  readonly #memories: Memory[] = []
  readonly #transitions: Transition[] = []
  readonly #stated = new Map<string, number>()
  /** What each view lists, in its order, as indices of what is merged. */
  readonly #sequences: { readonly peers: number[][]; readonly memories: number[][]; readonly transitions: number[][] } =
    {
      peers: [],
      memories: [],
      transitions: [],
    }
  #version: number | undefined

  /** Adds a view, or says where it disagrees with those before it. */
  add(view: View): string | undefined {
    const { policy, file } = view
    if (this.#views.length > 0 && policy.version !== this.#version) return `${file} has another version`
    this.#version = policy.version
    const indices: number[] = []
    for (const peer of policy.peers) {
      const index = this.#peerOf(peer)
      if (typeof index === 'string') return index
      indices.push(index)
    }
    const self = indices[policy.self]!
    const twin = this.#views.find((other) => other.self === self)
    if (twin !== undefined) return `${twin.view.file} and ${file} are both the policy of \`${this.#peers[self]!.name}\``
    this.#views.push({ view, self })
    for (const memory of policy.memories) {
      const reason = this.#addMemory(movedMemory(memory, indices), file)
      if (reason !== undefined) return reason
    }
    const names = this.#memories.map(({ name }) => name)
    this.#sequences.peers.push(indices)
    this.#sequences.memories.push(policy.memories.map(({ name }) => names.indexOf(name)))
    this.#sequences.transitions.push(policy.transitions.map((transition) => this.#addTransition(transition, indices)))
    return undefined
  }

  #addTransition(transition: Transition, indices: readonly number[]): number {
    const moved = { ...transition, peer: indices[transition.peer]! }
    const key = transitionKey(moved)
    const index = this.#stated.get(key) ?? this.#transitions.push(moved) - 1
    this.#stated.set(key, index)
    return index
  }

  #peerOf(peer: Peer): number | string {
    const key = identityKey(peer)
    const index = this.#byIdentity.get(key)
    const known = index === undefined ? undefined : this.#peers[index]!
    if (index === undefined || known === undefined) {
      const taken = this.#peers.some(({ name }) => name === peer.name)
      if (taken) return `\`${peer.name}\` is another component in each`
      this.#byIdentity.set(key, this.#peers.length)
      return this.#peers.push({ ...peer, trusted: false }) - 1
    }
    if (known.name !== peer.name) return `one component is called \`${known.name}\` and \`${peer.name}\``
    if (known.gateway !== peer.gateway) return `\`${peer.name}\` is a gateway in one and not in another`
    if (known.strict !== peer.strict) return `\`${peer.name}\` is open in one and strict in another`
    return index
  }

  #addMemory(memory: Memory, file: string): string | undefined {
    const known = this.#memories.find(({ name }) => name === memory.name)
    if (known === undefined) {
      this.#memories.push(memory)
      return undefined
    }
    const { name } = memory
    if (known.kind !== memory.kind) return `memory \`${name}\` is ${memory.kind} in ${file} and ${known.kind} before`
    if (known.granules !== memory.granules) return `memory \`${name}\` has another size in ${file}`
    if (known.paced !== memory.paced) return `memory \`${name}\` is paced in one and not in another`
    const [before, here] = [known, memory].map(({ mappings }) => new Set(mappings.map(mappingKey)))
    if (before!.size === here!.size && [...before!].every((key) => here!.has(key))) return undefined
    return `memory \`${name}\` has other holders, rights or addresses in ${file}`
  }

  /** A view that does not list what another says its Self has. */
  incompleteView(): Extract<Merging, { kind: 'differ' }> | undefined {
    for (const { view, self } of this.#views) {
      const peer = this.#peers[self]!.name
      const { memories, transitions } = view.policy
      const listed = new Set(memories.map(({ name }) => name))
      const held = this.#memories.filter(({ mappings }) => mappings.some((mapping) => mapping.peer === self))
      const missing = held.find(({ name }) => !listed.has(name))
      if (missing !== undefined) {
        const reason = `\`${peer}\` holds memory \`${missing.name}\` in another policy and not in its own`
        return { kind: 'differ', reason, files: [view.file] }
      }
      const own = transitions.filter((transition) => transition.peer === view.policy.self).length
      if (this.#transitions.filter((transition) => transition.peer === self).length === own) continue
      const reason = `another policy lists a transition of \`${peer}\` that its own does not`
      return { kind: 'differ', reason, files: [view.file] }
    }
    return undefined
  }

  /** Everything, in an order that is each view's. */
  workflow(name: string): Workflow {
    const order = mergedOrder(this.#sequences.peers, this.#peers.length)
    const indices = Array.from(order, (_, peer) => order.indexOf(peer))
    const memories = mergedOrder(this.#sequences.memories, this.#memories.length)
    const transitions = mergedOrder(this.#sequences.transitions, this.#transitions.length)
    return {
      name,
      version: this.#version,
      peers: order.map((peer) => this.#peers[peer]!),
      memories: memories.map((memory) => movedMemory(this.#memories[memory]!, indices)),
      transitions: transitions.map((index) => {
        const transition = this.#transitions[index]!
        return { ...transition, peer: indices[transition.peer]! }
      }),
      assertions: [],
    }
  }
}

function movedMemory(memory: Memory, indices: readonly number[]): Memory {
  const mappings = memory.mappings.map((mapping) => ({
    ...mapping,
    peer: mapping.peer === null ? null : indices[mapping.peer]!,
  }))
  return { ...memory, mappings }
}

function identityKey({ rims, rpv, label, name }: Peer): string {
  if (rims.length === 0 && rpv === undefined) return label === undefined ? `name ${name}` : `label ${label}`
  return `${rims
    .map((rim) => rim.join())
    .sort()
    .join(' ')} ${rpv?.join() ?? ''}`
}

const mappingKey = ({ peer, rights, ipaGranule, anyCount }: Mapping): string =>
  [peer, rights, ipaGranule, anyCount].join()

const transitionKey = ({ peer, class: transitionClass, action, ranges, written = ranges }: Transition): string =>
  [peer, transitionClass, action, ...written.map((range) => range.join('-'))].join()

/** How the projection to a view's Self differs from the view. */
function difference(workflow: Workflow, { file, policy }: View): Extract<Merging, { kind: 'workflow' }>['differences'] {
  const peer = policy.peers[policy.self]!.name
  const projection = project(workflow, peer)
  if (projection.kind === 'refused') return [{ peer, file, reason: `cannot be made: ${describeFact(projection.fact)}` }]
  const listed = (items: readonly { readonly name: string }[]): string[] => items.map(({ name }) => name)
  const [was, is] = [policy, projection.policy]
  const lost = [...without(listed(was.peers), listed(is.peers)), ...without(listed(was.memories), listed(is.memories))]
  const gained = [
    ...without(listed(is.peers), listed(was.peers)),
    ...without(listed(is.memories), listed(was.memories)),
  ]
  if (lost.length > 0) return [{ peer, file, reason: `does not list ${quoted(lost)}, which it does not need` }]
  if (gained.length > 0) return [{ peer, file, reason: `lists also ${quoted(gained)}` }]
  // The assertions are not known, so their digest is no difference.
  const [before, after] = [was, is].map(({ assertionDigest: _, ...policy }) => encodeBlob(policy).join())
  return before === after ? [] : [{ peer, file, reason: 'lists the same in another order' }]
}

const without = (names: readonly string[], others: readonly string[]): string[] =>
  names.filter((name) => !others.includes(name))

const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')
