import { type IdRange, RIGHT, type Rights, type Workflow } from '../model.ts'
import { MEASURE } from '../transition-ids.ts'
import { serviceOf } from '../transitions.ts'
import {
  type Network,
  type NetworkMemory,
  type NetworkPeer,
  type NetworkTransition,
  networkOfWorkflow,
} from './network.ts'

/**
 * What a node stands for. `any` is the unnamed components of one memory; `credits` the way back of a paced memory;
 * `reports` the measurements that every member can read in reports.
 */
export type NodeKind = 'peer' | 'memory' | 'host' | 'any' | 'credits' | 'reports'

export interface FlowNode {
  readonly kind: NodeKind
  /** Name of the peer or memory; `host`; for the others a few words. */
  readonly name: string
  readonly origin: unknown
}

/** Why data can go from one node to another. */
export type EdgeReason =
  | 'write'
  | 'read'
  | 'unprotected'
  | 'transition'
  | 'open'
  | 'any'
  | 'unidentified'
  | 'paced'
  | 'measure'

export interface FlowEdge {
  readonly from: number
  readonly to: number
  readonly reason: EdgeReason
  /** Of the mapping, on edges between a component and a memory. */
  readonly rights: Rights | undefined
  /** The name that, when assumed confined, takes this edge away. */
  readonly unlessConfined: string | undefined
  readonly origin: unknown
}

/** Everything that data can do, judged on what policies allow; see the language's "What it means". */
export interface FlowGraph {
  readonly nodes: readonly FlowNode[]
  readonly edges: readonly FlowEdge[]
  /** Indices of the edges that leave each node. */
  readonly leaving: readonly (readonly number[])[]
  /** What each name of an assertion stands for. */
  readonly nodesOfName: ReadonlyMap<string, readonly number[]>
  readonly host: number
  /** What the graph was made of; peer `i` is node `i`. */
  readonly network: Network
}

/** The name of the host in assertions. */
export const HOST = 'host'

const READS = RIGHT.read | RIGHT.execute

/** Whether a mapping lets its component see what is in the memory. */
export function reads(rights: Rights): boolean {
  return (rights & READS) !== 0
}

/** Whether a mapping lets its component change what is in the memory. */
export function writes(rights: Rights): boolean {
  return (rights & RIGHT.write) !== 0
}

/** The flow graph of a workflow. Peers that have neither measurement nor image count as `any`. */
export function flowGraph(workflow: Workflow): FlowGraph {
  return graphOfNetwork(networkOfWorkflow(workflow))
}

/** The flow graph of a network: time and space in proportion to its mappings. */
export function graphOfNetwork(network: Network): FlowGraph {
  const builder = new GraphBuilder(network)
  for (const [index, peer] of network.peers.entries()) builder.addPeerEdges(index, peer)
  for (const [index, memory] of network.memories.entries()) builder.addMemory(index, memory)
  return builder.finish()
}

class GraphBuilder {
  readonly #network: Network
  readonly #nodes: FlowNode[]
  readonly #edges: FlowEdge[] = []
  readonly #host: number
  readonly #firstMemory: number
  readonly #measuring: { readonly peer: number; readonly origin: unknown }[] = []

  constructor(network: Network) {
    this.#network = network
    const { peers, memories } = network
    this.#nodes = [
      ...peers.map(({ name, origin }): FlowNode => ({ kind: 'peer', name, origin })),
      ...memories.map(({ name, origin }): FlowNode => ({ kind: 'memory', name, origin })),
      { kind: 'host', name: HOST, origin: undefined },
    ]
    this.#firstMemory = peers.length
    this.#host = peers.length + memories.length
  }

  #addNode(kind: NodeKind, name: string, origin: unknown): number {
    this.#nodes.push({ kind, name, origin })
    return this.#nodes.length - 1
  }

  #connect(
    from: number,
    to: number,
    reason: EdgeReason,
    origin: unknown,
    rights?: Rights,
    unlessConfined?: string,
  ): void {
    this.#edges.push({ from, to, reason, rights, unlessConfined, origin })
  }

  #connectBoth(a: number, b: number, reason: EdgeReason, origin: unknown, unlessConfined?: string): void {
    this.#connect(a, b, reason, origin, undefined, unlessConfined)
    this.#connect(b, a, reason, origin, undefined, unlessConfined)
  }

  addPeerEdges(peer: number, { name, open, identified, transitions, origin }: NetworkPeer): void {
    if (open) this.#connectBoth(peer, this.#host, 'open', origin, name)
    else if (!identified) this.#connectBoth(peer, this.#host, 'unidentified', origin, name)
    for (const transition of transitions) {
      if (reachesHost(transition)) this.#connectBoth(peer, this.#host, 'transition', transition.origin ?? origin)
      if (allowsMeasure(transition)) this.#measuring.push({ peer, origin: transition.origin ?? origin })
    }
  }

  addMemory(index: number, { name, kind, paced, mappings, origin }: NetworkMemory): void {
    const memory = this.#firstMemory + index
    if (kind === 'unprotected') this.#connectBoth(memory, this.#host, 'unprotected', origin)
    const credits = paced ? this.#addNode('credits', `credits of ${name}`, origin) : undefined
    for (const { peer, rights } of mappings) {
      const holder = peer ?? this.#addNode('any', `any of ${name}`, origin)
      if (peer === null) this.#connectBoth(holder, this.#host, 'any', origin, name)
      if (writes(rights)) this.#connect(holder, memory, 'write', origin, rights)
      if (reads(rights)) this.#connect(memory, holder, 'read', origin, rights)
      if (credits === undefined) continue
      if (reads(rights)) this.#connect(holder, credits, 'paced', origin)
      if (writes(rights)) this.#connect(credits, holder, 'paced', origin)
    }
  }

  finish(): FlowGraph {
    this.#addReports()
    const leaving: number[][] = this.#nodes.map(() => [])
    for (const [index, { from }] of this.#edges.entries()) leaving[from]!.push(index)
    return {
      nodes: this.#nodes,
      edges: this.#edges,
      leaving,
      nodesOfName: this.#names(),
      host: this.#host,
      network: this.#network,
    }
  }

  /** Measurements that a member extends while it works stand in reports, which every component may ask for. */
  #addReports(): void {
    if (this.#measuring.length === 0) return
    const readers = [...this.#nodes.entries()].filter(([, { kind }]) => kind === 'peer' || kind === 'any')
    const reports = this.#addNode('reports', 'measurements in reports', undefined)
    for (const { peer, origin } of this.#measuring) this.#connect(peer, reports, 'measure', origin)
    for (const [reader, { origin }] of readers) this.#connect(reports, reader, 'measure', origin)
  }

  #names(): ReadonlyMap<string, readonly number[]> {
    const names = new Map<string, readonly number[]>([[HOST, [this.#host]]])
    const add = (name: string, nodes: readonly number[]): void => {
      names.set(name, [...(names.get(name) ?? []), ...nodes])
    }
    for (const [name, peers] of this.#network.peersOfName) add(name, peers)
    for (const [index, { name }] of this.#network.memories.entries()) add(name, [this.#firstMemory + index])
    return names
  }
}

/** Whether a rule lets data cross to the host: `allow` for at least one id that is not a call the monitor answers. */
function reachesHost({ class: transitionClass, action, ranges }: NetworkTransition): boolean {
  return action === 'allow' && (transitionClass !== 'call' || !ranges.every(onlyServices))
}

function allowsMeasure({ class: transitionClass, action, ranges }: NetworkTransition): boolean {
  return (
    action === 'allow' &&
    transitionClass === 'call' &&
    ranges.some(([first, last]) => first <= MEASURE && MEASURE <= last)
  )
}

/** Whether all ids of a range are calls that the monitor answers itself; it steps from service to service. */
function onlyServices([first, last]: IdRange): boolean {
  for (let id = first; id <= last; ) {
    const service = serviceOf(id)?.ranges.find(([from, to]) => from <= id && id <= to)
    if (service === undefined) return false
    id = service[1] + 1
  }
  return true
}
