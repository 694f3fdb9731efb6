import { equalBytes } from '../cbor/value.ts'
import { type Fact, type FactRule, makeFact } from '../facts.ts'
import { fittingMappings, isIdentified, namedPeer } from '../identity.ts'
import type { Mapping, Memory, Peer, Policy } from '../model.ts'
import { bodyKey, memoriesByName, memoriesOfPeers, peersByRim, rimKeys } from '../policy-index.ts'
import { widerTransition } from '../transitions.ts'
import { checkSameMemory, isBounded, selfName, type View } from './view.ts'

/**
 * Whether a policy stays within what a strict entry for its Realm allows: every memory, mapping, right and transition
 * that it lists is listed by the other policy, none wider.
 *
 * It goes on with the Realm's peers and theirs, as far as they are strict too, and ends at `open` peers and `any`: this
 * is the inductive step that lets one policy bound Realms that its own never meets. What the policy says about the
 * other Realm itself is not followed: that Realm is bound by its own policy. An entry that others fit too is the other
 * Realm only where the two share the memory; elsewhere it is whoever comes, and bounded like anybody.
 * @param entry Index in `view.by` of the peer that stands for the Realm of `view.of`.
 */
export function checkStrict(view: View, entry: number): Fact | undefined {
  const { by, of } = view
  // Projections of one closed workflow differ in Self alone: nothing can be wider, and nothing has to be walked.
  if (entry === of.self && bodyKey(by) === bodyKey(of)) return undefined
  const walk = new StrictWalk(view)
  walk.visit(of.self, entry)
  for (let next = walk.queue.pop(); next !== undefined; next = walk.queue.pop()) {
    const fact = walk.checkPeer(next[0], next[1])
    if (fact !== undefined) return fact
  }
  return undefined
}

class StrictWalk {
  /** Pairs of indices of one component: in `of`, in `by`. */
  readonly queue: [ofPeer: number, byPeer: number][] = []
  readonly #view: View
  readonly #names: { readonly by: string; readonly of: string }
  /** Entries of `of` that stand for the Realm of `by`. */
  readonly #reflection: ReadonlySet<number>
  readonly #seenPeers = new Set<number>()
  readonly #seenMemories = new Set<number>()

  constructor(view: View) {
    this.#view = view
    this.#names = { by: selfName(view.by), of: selfName(view.of) }
    this.#reflection = reflection(view)
  }

  visit(ofPeer: number, byPeer: number): void {
    if (this.#seenPeers.has(ofPeer) || this.#reflection.has(ofPeer)) return
    this.#seenPeers.add(ofPeer)
    this.queue.push([ofPeer, byPeer])
  }

  checkPeer(ofPeer: number, byPeer: number): Fact | undefined {
    const { by, of, shared } = this.#view
    const wider = widerTransition(of, ofPeer, by, byPeer)
    if (wider !== undefined) {
      return makeFact('strict-transition-wider', { ...this.#names, ...wider, peer: of.peers[ofPeer]!.name })
    }
    for (const index of memoriesOfPeers(of)[ofPeer]!) {
      if (this.#seenMemories.has(index)) continue
      this.#seenMemories.add(index)
      const memory = of.memories[index]!
      const byIndex = shared.get(index) ?? memoriesByName(by).get(memory.name)
      if (byIndex === undefined) return makeFact('strict-memory-unlisted', { ...this.#names, memory: memory.name })
      const fact = this.#checkMemory(memory, by.memories[byIndex]!, shared.has(index))
      if (fact !== undefined) return fact
    }
    return undefined
  }

  #checkMemory(ofMemory: Memory, byMemory: Memory, isShared: boolean): Fact | undefined {
    const fact = checkSameMemory(byMemory, ofMemory, this.#names.by, this.#names.of)
    if (fact !== undefined) return fact
    const bounds = new Bounds(byMemory.mappings)
    for (const mapping of ofMemory.mappings) {
      if (mapping.peer !== null && this.#isReflection(mapping.peer, isShared)) continue
      const wider = this.#checkMapping(mapping, byMemory, bounds)
      if (wider !== undefined) return wider
    }
    return undefined
  }

  /** Whether a mapping of this peer is the place of the Realm of `by`, and of nobody else while that one has it. */
  #isReflection(ofPeer: number, isShared: boolean): boolean {
    return this.#reflection.has(ofPeer) && (isShared || isWithinSelf(this.#view, ofPeer))
  }

  #checkMapping(mapping: Mapping, byMemory: Memory, bounds: Bounds): Fact | undefined {
    const { by, of } = this.#view
    const bound = this.#boundOf(mapping, bounds)
    if (bound === undefined || !bounds.take(bound, componentsOf(mapping))) {
      return this.#fact('strict-mapping-unlisted', mapping, byMemory)
    }
    if ((mapping.rights & ~bound.rights) !== 0) return this.#fact('strict-rights-wider', mapping, byMemory)
    if (bound.ipaGranule !== null && bound.ipaGranule !== mapping.ipaGranule) {
      return this.#fact('address-differs', mapping, byMemory)
    }
    if (mapping.peer === null || bound.peer === null) return undefined
    // Self's entry is not compared: its flags promise nothing, and its identity is the measured one.
    if (mapping.peer !== of.self) {
      const what = widerPeer(of.peers[mapping.peer]!, by.peers[bound.peer]!)
      if (what !== undefined) return this.#fact('strict-peer-wider', mapping, byMemory, { what })
    }
    if (isBounded(by.peers[bound.peer]!)) this.visit(mapping.peer, bound.peer)
    return undefined
  }

  #fact(rule: FactRule, { peer }: Mapping, { name: memory }: Memory, more: Fact['facts'] = {}): Fact {
    const who = peer === null ? 'any' : this.#view.of.peers[peer]!.name
    return makeFact(rule, { ...this.#names, memory, peer: who, ...more })
  }

  /** The mapping of the bounding policy that covers one: of the same component, or `any`. */
  #boundOf(mapping: Mapping, bounds: Bounds): Mapping | undefined {
    const { by, of, ofWho } = this.#view
    const any = bounds.of(null)
    if (mapping.peer === null) return any
    const peer = of.peers[mapping.peer]!
    const counterpart = mapping.peer === of.self ? namedPeer(by, ofWho) : coveringPeer(by, of, mapping.peer)
    if (counterpart !== undefined) return bounds.of(counterpart)
    const unnamed = bounds.all.filter((bound) => {
      const entry = bound.peer === null ? undefined : by.peers[bound.peer]!
      return entry !== undefined && !isIdentified(entry) && rpvWithin(peer, entry) && bounds.hasRoom(bound, 1)
    })
    // One that asks for this very value has no use for anybody else.
    return unnamed.find((bound) => by.peers[bound.peer!]!.rpv !== undefined) ?? unnamed[0] ?? any
  }
}

/** How many components a mapping stands for. */
function componentsOf({ peer, anyCount }: Mapping): number {
  return peer === null ? (anyCount ?? Number.POSITIVE_INFINITY) : 1
}

/** The mappings of one memory as bounds: each covers as many components as it admits, however they are listed. */
class Bounds {
  readonly all: readonly Mapping[]
  readonly #taken = new Map<Mapping, number>()
  readonly #ofPeer: ReadonlyMap<number | null, Mapping>

  constructor(mappings: readonly Mapping[]) {
    this.all = mappings
    this.#ofPeer = new Map(mappings.map((mapping) => [mapping.peer, mapping]))
  }

  of(peer: number | null): Mapping | undefined {
    return this.#ofPeer.get(peer)
  }

  hasRoom(bound: Mapping, components: number): boolean {
    return (this.#taken.get(bound) ?? 0) + components <= componentsOf(bound)
  }

  /** Counts components into a bound; false if they are more than it admits. */
  take(bound: Mapping, components: number): boolean {
    const room = this.hasRoom(bound, components)
    this.#taken.set(bound, (this.#taken.get(bound) ?? 0) + components)
    return room
  }
}

/** Entries of `of` that the Realm of `by` fits: the peer that names it, or those it fits in a shared memory. */
function reflection({ of, byWho, shared }: View): ReadonlySet<number> {
  const named = namedPeer(of, byWho)
  if (named !== undefined) return new Set([named])
  const unnamed = new Set<number>()
  for (const index of shared.keys()) {
    for (const fitting of fittingMappings(of, index, byWho)) {
      const { peer } = of.memories[index]!.mappings[fitting]!
      if (peer !== null) unnamed.add(peer)
    }
  }
  return unnamed
}

/** Whether Self of `by` accepts every identity that a peer of `of` accepts. */
function isWithinSelf({ by, of }: View, ofPeer: number): boolean {
  const self = by.peers[by.self]!
  if (isIdentified(self)) return coveringPeer(by, of, ofPeer) === by.self
  return rpvWithin(of.peers[ofPeer]!, self)
}

function rpvWithin(peer: Peer, bound: Peer): boolean {
  return bound.rpv === undefined || (peer.rpv !== undefined && equalBytes(bound.rpv, peer.rpv))
}

/** The peer of `by` that accepts every identity that a peer of `of` accepts. */
function coveringPeer(by: Policy, of: Policy, ofPeer: number): number | undefined {
  const byRim = peersByRim(by)
  const [first, ...others] = rimKeys(of)[ofPeer]!.map((key) => byRim.get(key) ?? [])
  const peer = of.peers[ofPeer]!
  return first?.find((index) => others.every((peers) => peers.includes(index)) && rpvWithin(peer, by.peers[index]!))
}

/** In what an entry for a third component says more than the entry that bounds it. */
function widerPeer(peer: Peer, bound: Peer): string | undefined {
  if (peer.gateway && !bound.gateway) return 'it may be a gateway'
  if (isBounded(bound) && !peer.strict) return 'it may be open'
  return undefined
}
