import {
  type IdRange,
  type Mapping,
  RIGHT,
  reads,
  serviceOf,
  type Workflow,
  type WorkflowMemory,
  type WorkflowPeer,
  writes,
} from '@mica/policy'
import { printIds } from './ids.ts'
import { printRights } from './rights.ts'
import { printSize } from './size.ts'

/** How a node is drawn: the paper's colours for peers and host. */
export type NodeLook = 'trusted' | 'distrusted' | 'host' | 'any' | 'memory'

export interface PictureNode {
  /** Unique in the picture. */
  readonly id: string
  /** The first is the name. */
  readonly lines: readonly string[]
  readonly look: NodeLook
  /** Whether what it does is not bounded by the policy: an open peer, one without identity, `any`. */
  readonly unbounded: boolean
}

/**
 * How an edge is drawn. `channel`: memory between components. `unprotected`: memory that the host can reach. `allow` and
 * `scrub`: transitions to the host. `open`: nothing bounds what passes here. `paced`: "one more slot", backwards.
 */
export type EdgeLook = 'channel' | 'unprotected' | 'allow' | 'scrub' | 'open' | 'paced'

/** Where an edge goes. */
interface Arrow {
  readonly from: string
  readonly to: string
  readonly bothWays: boolean
}

export interface PictureEdge extends Arrow {
  readonly lines: readonly string[]
  readonly look: EdgeLook
}

/** A workflow as nodes and edges, the same for every format. */
export interface Picture {
  readonly title: string
  /** What it shows, in sentences. */
  readonly description: string
  readonly nodes: readonly PictureNode[]
  readonly edges: readonly PictureEdge[]
}

const HOST = 'host'

/**
 * The picture of a workflow. An arrow is a right: from whoever writes to whoever reads. A memory is an arrow where two
 * share it and the arrow says all; else a node of its own.
 */
export function pictureOf(workflow: Workflow): Picture {
  const { name, version, peers, memories, transitions } = workflow
  const title = version === undefined ? name : `${name}, version ${version}`
  const nodes: PictureNode[] = peers.map(peerNode)
  const edges: PictureEdge[] = []
  for (const memory of memories) addMemory(memory, peers, nodes, edges)
  for (const { name: peer, strict, ...identity } of peers) {
    if (!strict) edges.push(edge(peer, HOST, true, ['open'], 'open'))
    else if (isAnyone(identity)) edges.push(edge(peer, HOST, true, ['anyone'], 'open'))
  }
  for (const { peer, class: of, action, ranges } of transitions) {
    if (action === 'block') continue
    if (of !== 'call' || !ranges.every(isAnswered)) {
      const lines = [`${action} ${of}`, printIds(of, ranges)]
      edges.push(edge(peers[peer]!.name, HOST, action === 'allow', lines, action))
    }
  }
  if (edges.some(({ from, to }) => from === HOST || to === HOST)) {
    nodes.push({ id: HOST, lines: [HOST], look: 'host', unbounded: false })
  }
  return { title, description: describePicture(workflow), nodes, edges }
}

/** Whether the monitor answers all calls of a range itself. */
function isAnswered([first, last]: IdRange): boolean {
  // Ends at the first id that is no service, so after a handful of steps however long the range.
  for (let id = first; id <= last; id++) if (serviceOf(id) === undefined) return false
  return true
}

const isAnyone = ({ rims, image, label }: Pick<WorkflowPeer, 'rims' | 'image' | 'label'>): boolean =>
  rims.length === 0 && image === undefined && label === undefined

const edge = (from: string, to: string, bothWays: boolean, lines: readonly string[], look: EdgeLook): PictureEdge => ({
  from,
  to,
  bothWays,
  lines,
  look,
})

function peerNode(peer: WorkflowPeer): PictureNode {
  const { name, trusted, gateway, strict } = peer
  const words = [...(trusted ? ['trusted'] : []), ...(gateway ? ['gateway'] : []), ...(strict ? [] : ['open'])]
  const anyone = isAnyone(peer) ? ['anyone'] : []
  const second = [...words, ...anyone].join(', ')
  return {
    id: name,
    lines: second === '' ? [name] : [name, second],
    look: trusted ? 'trusted' : 'distrusted',
    unbounded: !strict || isAnyone(peer),
  }
}

/** An end of a memory in the picture. */
interface End {
  readonly id: string
  readonly mapping: Mapping
}

function addMemory(
  memory: WorkflowMemory,
  peers: readonly WorkflowPeer[],
  nodes: PictureNode[],
  edges: PictureEdge[],
): void {
  const { name, kind, granules, paced, mappings } = memory
  const ends = mappings.map((mapping): End => ({ id: endOf(memory, mapping, peers), mapping }))
  for (const { id, mapping } of ends) {
    if (mapping.peer !== null) continue
    const count = mapping.anyCount === undefined ? 'any' : `any(${mapping.anyCount})`
    nodes.push({ id, lines: [count], look: 'any', unbounded: true })
    edges.push(edge(id, HOST, true, [], 'open'))
  }
  const look: EdgeLook = kind === 'unprotected' ? 'unprotected' : 'channel'
  const lines = [name, printSize(granules)]
  const arrow = arrowOf(memory, ends)
  if (arrow !== undefined) edges.push(edge(arrow.from, arrow.to, arrow.bothWays, lines, look))
  else {
    const id = `memory ${name}`
    nodes.push({
      id,
      lines: [...lines, ...(kind === 'unprotected' ? ['unprotected'] : [])],
      look: 'memory',
      unbounded: false,
    })
    for (const { id: end, mapping } of ends) {
      const [r, w] = [reads(mapping.rights), writes(mapping.rights)]
      const said = (mapping.rights & (RIGHT.execute | RIGHT.owner)) === 0 ? [] : [printRights(mapping.rights)]
      edges.push(w ? edge(end, id, r, said, look) : edge(id, end, false, said, look))
    }
    if (kind === 'unprotected') edges.push(edge(id, HOST, true, [], look))
  }
  if (!paced) return
  for (const reader of ends.filter(({ mapping }) => reads(mapping.rights))) {
    for (const writer of ends.filter(({ mapping }) => writes(mapping.rights))) {
      edges.push(edge(reader.id, writer.id, false, [`${name} paced`], 'paced'))
    }
  }
}

function endOf({ name }: WorkflowMemory, { peer }: Mapping, peers: readonly WorkflowPeer[]): string {
  return peer === null ? `any of ${name}` : peers[peer]!.name
}

/** The arrow that says everything about who may do what, if there is one. */
function arrowOf({ kind }: WorkflowMemory, ends: readonly End[]): Arrow | undefined {
  const BOTH = RIGHT.read | RIGHT.write
  const [first, second] = ends
  if (first === undefined) return undefined
  const rights = ends.map(({ mapping }) => mapping.rights)
  if (kind === 'unprotected') {
    if (ends.length !== 1) return undefined
    if (rights[0] === BOTH) return { from: first.id, to: HOST, bothWays: true }
    if (rights[0] === RIGHT.write) return { from: first.id, to: HOST, bothWays: false }
    return rights[0] === RIGHT.read ? { from: HOST, to: first.id, bothWays: false } : undefined
  }
  if (second === undefined || ends.length > 2) return undefined
  if (rights.every((each) => each === BOTH)) return { from: first.id, to: second.id, bothWays: true }
  if (rights[0] === RIGHT.write && rights[1] === RIGHT.read) return { from: first.id, to: second.id, bothWays: false }
  if (rights[0] === RIGHT.read && rights[1] === RIGHT.write) return { from: second.id, to: first.id, bothWays: false }
  return undefined
}

/** For whoever does not see it. */
function describePicture({ peers, memories }: Workflow): string {
  const listed = memories.map((memory) => {
    const parts = memory.mappings.map((mapping) => {
      const who = mapping.peer === null ? 'any component' : peers[mapping.peer]!.name
      return `${who} (${printRights(mapping.rights)})`
    })
    const host = memory.kind === 'unprotected' ? ' and the host' : ''
    return `${memory.name} is shared by ${parts.join(', ')}${host}.`
  })
  const trusted = peers.filter((peer) => peer.trusted).map(({ name }) => name)
  return [
    `${peers.length} peers: ${peers.map(({ name }) => name).join(', ')}.`,
    trusted.length === 0 ? 'None is trusted.' : `Trusted: ${trusted.join(', ')}.`,
    ...listed,
  ].join(' ')
}
