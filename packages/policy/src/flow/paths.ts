import type { FlowEdge, FlowGraph } from './graph.ts'

/** What a search may not use. */
export interface SearchBounds {
  /** Nodes that a path may not pass; it may begin and end at one. */
  readonly avoid: ReadonlySet<number>
  /** Names assumed confined: the edges they take away are not used. */
  readonly confined: ReadonlySet<string>
}

/** Whether a search may use an edge. */
export function isUsable({ unlessConfined }: FlowEdge, { confined }: Pick<SearchBounds, 'confined'>): boolean {
  return unlessConfined === undefined || !confined.has(unlessConfined)
}

/**
 * A shortest path of at least one edge from any of `starts` to any of `ends`, as edges in order, or `undefined`.
 * Breadth first: time in proportion to the graph.
 */
export function shortestPath(
  graph: FlowGraph,
  starts: readonly number[],
  ends: readonly number[],
  bounds: SearchBounds,
): readonly FlowEdge[] | undefined {
  const isTarget = new Uint8Array(graph.nodes.length)
  for (const node of ends) isTarget[node] = 1
  // Starts have not been arrived at: a path from a node to itself has to leave it and come back.
  const queue = [...new Set(starts)]
  const closed = new Uint8Array(graph.nodes.length)
  for (const node of [...queue, ...bounds.avoid]) closed[node] = 1
  /** The edge by which each node of the queue that is no start was arrived at, by index. */
  const arrivedBy = new Int32Array(graph.nodes.length).fill(-1)
  for (const node of queue) {
    for (const index of graph.leaving[node]!) {
      const edge = graph.edges[index]!
      const { to } = edge
      if (!isUsable(edge, bounds)) continue
      if (isTarget[to] === 1) return pathTo(graph, index, arrivedBy)
      if (closed[to] === 1) continue
      closed[to] = 1
      arrivedBy[to] = index
      queue.push(to)
    }
  }
  return undefined
}

function pathTo(graph: FlowGraph, last: number, arrivedBy: Int32Array): readonly FlowEdge[] {
  const path: FlowEdge[] = []
  for (let index = last; index >= 0; ) {
    const edge = graph.edges[index]!
    path.push(edge)
    index = arrivedBy[edge.from]!
  }
  return path.reverse()
}

/**
 * Two peers (or `any`) of one cycle, or `undefined` if no component reaches another and back within the bounds.
 *
 * Tarjan's algorithm for strongly connected components, with its own stack: time in proportion to the graph.
 */
export function componentsOnOneCycle(graph: FlowGraph, bounds: SearchBounds): readonly [number, number] | undefined {
  const order: number[] = new Array(graph.nodes.length).fill(0)
  const low: number[] = new Array(graph.nodes.length).fill(0)
  const onStack: boolean[] = new Array(graph.nodes.length).fill(false)
  const stack: number[] = []
  let counter = 0
  const enter = (node: number): Frame => {
    counter++
    order[node] = counter
    low[node] = counter
    stack.push(node)
    onStack[node] = true
    return { node, next: 0 }
  }
  for (const root of graph.nodes.keys()) {
    if (order[root] !== 0 || bounds.avoid.has(root)) continue
    const frames = [enter(root)]
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const { node } = frame
      const index = graph.leaving[node]![frame.next++]
      if (index !== undefined) {
        const edge = graph.edges[index]!
        if (bounds.avoid.has(edge.to) || !isUsable(edge, bounds)) continue
        if (order[edge.to] === 0) frames.push(enter(edge.to))
        else if (onStack[edge.to]) low[node] = Math.min(low[node]!, order[edge.to]!)
        continue
      }
      frames.pop()
      const parent = frames.at(-1)?.node
      if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[node]!)
      if (low[node] !== order[node]) continue
      const members = popUntil(stack, node, onStack).filter((member) => isComponent(graph, member))
      if (members.length > 1) return [members[0]!, members[1]!]
    }
  }
  return undefined
}

/** A node being visited, and how many of its edges have been followed. */
interface Frame {
  readonly node: number
  next: number
}

function popUntil(stack: number[], node: number, onStack: boolean[]): number[] {
  const members = stack.splice(stack.lastIndexOf(node))
  for (const member of members) onStack[member] = false
  return members
}

function isComponent(graph: FlowGraph, node: number): boolean {
  const { kind } = graph.nodes[node]!
  return kind === 'peer' || kind === 'any'
}
