import type { Channel, Member } from '../compatible/set.ts'
import { isIdentified, namedPeer } from '../identity.ts'
import type { Peer, Rights } from '../model.ts'
import { bytesKey } from '../policy-index.ts'
import { type FlowGraph, graphOfNetwork } from './graph.ts'
import { sameMemories } from './memory-views.ts'
import type { NetworkMemory, NetworkPeer, NetworkTransition } from './network.ts'

/**
 * The flow graph of everything that the frozen policies of a group still allow, which may be more than is active now.
 *
 * The union over the members' policies: each mapping counts as held; a peer that is absent does what its entries say;
 * `any`, peers that some policy leaves open and peers without identity are the host.
 * @param viewpoint Index of the member whose policy gives names their meaning: the requester of a report. What only
 *   others name gets a name that no assertion can write, so that nobody else can lend an assertion's name to a peer of
 *   its own; an assertion about such a name does not hold.
 */
export function attestedGraph(members: readonly Member[], channels: readonly Channel[], viewpoint: number): FlowGraph {
  const order = [viewpoint, ...[...members.keys()].filter((index) => index !== viewpoint)]
  const components = new Components(members)
  for (const member of order) components.addPolicy(member, member === viewpoint)
  const memories = new MemoryUnion()
  for (const views of sameMemories(members, channels, order, (member) => components.ofPeers(member))) {
    const first = views[0]!
    const { name, kind, granules } = members[first.member]!.policy.memories[first.memory]!
    const rights = new Map<number | null, Rights>()
    let paced = false
    for (const { member, memory } of views) {
      const view = members[member]!.policy.memories[memory]!
      paced ||= view.paced
      for (const mapping of view.mappings) {
        for (const peer of mapping.peer === null ? [null] : components.ofPeers(member)[mapping.peer]!) {
          rights.set(peer, (rights.get(peer) ?? 0) | mapping.rights)
        }
      }
    }
    const mappings = [...rights].map(([peer, mapped]) => ({ peer, rights: mapped }))
    const author = first.member === viewpoint ? undefined : components.peers[first.member]!.name
    memories.add({ name: author === undefined ? name : `${name} (of ${author})`, kind, granules, paced, mappings })
  }
  return graphOfNetwork({ peers: components.peers, memories: memories.all, peersOfName: components.peersOfName })
}

/** Memories by unique names. */
class MemoryUnion {
  readonly all: NetworkMemory[] = []
  readonly #names = new UniqueNames()

  add(memory: NetworkMemory): void {
    this.all.push({ ...memory, name: this.#names.take(memory.name) })
  }
}

interface Component {
  name: string
  gateway: boolean
  open: boolean
  readonly identified: boolean
  readonly transitions: NetworkTransition[]
}

/** The components that policies speak of: members are the first, in their order; then those that are absent. */
class Components {
  readonly #members: readonly Member[]
  readonly #all: Component[]
  readonly #ofPeers: (readonly (readonly number[])[])[] = []
  readonly #absent = new Map<string, number>()
  readonly #peersOfName = new Map<string, readonly number[]>()
  readonly #names = new UniqueNames()
  readonly #byIdentity = new Map<string, number[]>()

  constructor(members: readonly Member[]) {
    this.#members = members
    this.#all = members.map(({ policy }) => emptyComponent('', isIdentified(policy.peers[policy.self]!)))
    for (const [index, { rim }] of members.entries()) {
      const key = bytesKey(rim)
      this.#byIdentity.set(key, [...(this.#byIdentity.get(key) ?? []), index])
    }
  }

  get peers(): readonly NetworkPeer[] {
    return this.#all
  }

  get peersOfName(): ReadonlyMap<string, readonly number[]> {
    return this.#peersOfName
  }

  /** The components that each peer of a member's policy stands for. */
  ofPeers(member: number): readonly (readonly number[])[] {
    return this.#ofPeers[member] ?? []
  }

  /** Adds what one member's policy says; names that it gives are taken as they are if it is the viewpoint. */
  addPolicy(member: number, isViewpoint: boolean): void {
    const { policy } = this.#members[member]!
    const transitions: NetworkTransition[][] = policy.peers.map(() => [])
    for (const transition of policy.transitions) transitions[transition.peer]!.push(transition)
    this.#ofPeers[member] = policy.peers.map((peer, index) => {
      const components = this.#componentsOf(member, index)
      for (const component of components) {
        const known = this.#all[component]!
        known.gateway ||= peer.gateway
        known.open ||= !peer.strict
        known.transitions.push(...transitions[index]!)
      }
      return components
    })
    const author = isViewpoint ? '' : this.#all[member]!.name || policy.peers[policy.self]!.name
    for (const [index, { name }] of policy.peers.entries()) {
      this.#name(isViewpoint ? name : `${name} (of ${author})`, this.ofPeers(member)[index]!)
    }
  }

  #componentsOf(member: number, index: number): readonly number[] {
    const { policy } = this.#members[member]!
    const peer = policy.peers[index]!
    const present = isIdentified(peer) ? this.#fitting(member, index) : []
    if (index === policy.self) return present.includes(member) ? present : [member, ...present]
    if (present.length > 0) return present
    const key = isIdentified(peer) ? identityKey(peer) : `unnamed ${peer.name}`
    const known = this.#absent.get(key) ?? this.#all.push(emptyComponent('', isIdentified(peer))) - 1
    this.#absent.set(key, known)
    return [known]
  }

  /** The members that an identified peer names: several if they are replicas. */
  #fitting(member: number, index: number): readonly number[] {
    const { policy } = this.#members[member]!
    const candidates = policy.peers[index]!.rims.flatMap((rim) => this.#byIdentity.get(bytesKey(rim)) ?? [])
    return candidates.filter((candidate) => namedPeer(policy, this.#members[candidate]!) === index)
  }

  /** Names components that have no name yet. */
  #name(name: string, components: readonly number[]): void {
    const nameless = components.filter((component) => this.#all[component]!.name === '')
    if (nameless.length === 0) return
    const unique = this.#names.take(name)
    for (const component of nameless) this.#all[component]!.name = unique
    this.#peersOfName.set(unique, nameless)
  }
}

function emptyComponent(name: string, identified: boolean): Component {
  return { name, gateway: false, open: false, identified, transitions: [] }
}

function identityKey({ rims, rpv }: Peer): string {
  return `${rims.map(bytesKey).sort().join(' ')} ${rpv === undefined ? '' : bytesKey(rpv)}`
}

/**
 * Names made unique by a number. A blank and a bracket cannot stand in a name of the language, so no assertion means
 * what is renamed here.
 */
class UniqueNames {
  readonly #taken = new Set<string>()
  /** Where to go on counting, so that many of one name cost no more than many of different ones. */
  readonly #next = new Map<string, number>()

  take(name: string): string {
    let unique = name
    let count = this.#next.get(name) ?? 2
    for (; this.#taken.has(unique); count++) unique = `${name} (${count})`
    this.#next.set(name, count)
    this.#taken.add(unique)
    return unique
  }
}
