import type { IdRange, MemoryKind, Rights, TransitionAction, TransitionClass, Workflow } from '../model.ts'
import { hasIdentity } from '../project.ts'

/** A component as the flow graph needs it, wherever it was described. */
export interface NetworkPeer {
  readonly name: string
  readonly gateway: boolean
  /** May hold memories that the description does not list. */
  readonly open: boolean
  /** Whether its measurement is, or will be, known; otherwise it is `any(1)` with a name. */
  readonly identified: boolean
  readonly transitions: readonly NetworkTransition[]
  readonly origin?: unknown
}

export interface NetworkTransition {
  readonly class: TransitionClass
  readonly action: TransitionAction
  readonly ranges: readonly IdRange[]
  readonly origin?: unknown
}

export interface NetworkMemory {
  readonly name: string
  readonly kind: MemoryKind
  readonly granules: number
  readonly paced: boolean
  /** Index of the peer, `null` for `any`; a peer, and `any`, at most once. */
  readonly mappings: readonly { readonly peer: number | null; readonly rights: Rights }[]
  readonly origin?: unknown
}

/** Who shares what with whom: a workflow's view or the union of the policies of a report. */
export interface Network {
  readonly peers: readonly NetworkPeer[]
  readonly memories: readonly NetworkMemory[]
  /** What a name in an assertion stands for: several peers where replicas carry one name. */
  readonly peersOfName: ReadonlyMap<string, readonly number[]>
}

/** The network that a workflow describes. */
export function networkOfWorkflow(workflow: Workflow): Network {
  const transitions: NetworkTransition[][] = workflow.peers.map(() => [])
  for (const transition of workflow.transitions) transitions[transition.peer]!.push(transition)
  return {
    peers: workflow.peers.map((peer, index) => ({
      name: peer.name,
      gateway: peer.gateway,
      open: !peer.strict,
      identified: hasIdentity(peer),
      transitions: transitions[index]!,
      origin: peer.origin,
    })),
    memories: workflow.memories,
    peersOfName: new Map(workflow.peers.map(({ name }, index) => [name, [index]])),
  }
}
