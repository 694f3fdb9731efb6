import {
  type FlowGraph,
  flowGraph,
  type HostVisible,
  hostVisible,
  leakers,
  nodesReached,
  nodesReaching,
  type Workflow,
} from '@mica/policy'

const NOWHERE = { avoid: new Set<number>(), confined: new Set<string>() }

/** The flows of one workflow or policy, for whoever asks about its names. */
export class Flows {
  readonly workflow: Workflow
  readonly graph: FlowGraph
  readonly #leakers: ReadonlySet<string>
  readonly #visible: readonly HostVisible[]

  constructor(workflow: Workflow) {
    this.workflow = workflow
    this.graph = flowGraph(workflow)
    this.#leakers = new Set(leakers(this.graph))
    this.#visible = hostVisible(this.graph)
  }

  /** Components that data of a peer or memory can come to, in the order of the file. */
  reachedFrom(name: string): readonly string[] {
    return this.#components(nodesReached(this.graph, this.#nodes(name), NOWHERE), name)
  }

  /** Components whose data can come to a peer or memory, in the order of the file. */
  reaching(name: string): readonly string[] {
    return this.#components(nodesReaching(this.graph, this.#nodes(name), NOWHERE), name)
  }

  /** Whether a peer could hand data to the host. */
  leaks(peer: string): boolean {
    return this.#leakers.has(peer)
  }

  /** What the host sees of a component. */
  visible(component: string): readonly HostVisible[] {
    return this.#visible.filter((edge) => edge.component === component)
  }

  #nodes(name: string): readonly number[] {
    return this.graph.nodesOfName.get(name) ?? []
  }

  #components(nodes: ReadonlySet<number>, own: string): readonly string[] {
    return [...nodes]
      .sort((a, b) => a - b)
      .flatMap((index) => {
        const node = this.graph.nodes[index]
        const isComponent = node?.kind === 'peer' || node?.kind === 'host' || node?.kind === 'any'
        return isComponent && node.name !== own ? [node.name] : []
      })
  }
}
