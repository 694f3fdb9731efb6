import { encodeUtf8 } from '../cbor/utf8.ts'
import { type Fact, makeFact } from '../facts.ts'
import { type Memory, type Peer, type Policy, RIGHT, type Transition } from '../model.ts'
import { oneOfClass } from '../transition-ids.ts'
import {
  ANY_INDEX,
  flowName,
  labelOfRim,
  POLY_ACTION,
  POLY_CLASS,
  POLY_ENTRIES,
  POLY_KIND,
  POLY_LIMITS,
  POLY_MAGIC,
  POLY_NAME_BYTES,
  POLY_VERSION,
  UNLIMITED,
} from './layout.ts'
import { shortName } from './names.ts'

/** A policy as `POLY` v1 with what is different there, or everything of it that v1 cannot say. */
export type PolyEncoding =
  | {
      readonly kind: 'blob'
      readonly blob: Uint8Array
      /** What enforcement does not need and the blob does not have: long names, the version, the digest of assertions. */
      readonly notes: readonly Fact[]
    }
  | { readonly kind: 'refused'; readonly facts: readonly Fact[] }

/** The largest count of `any`: it is signed. */
const MOST_ANY = 0x7fff_ffff

/**
 * Writes a policy as `POLY` v1.
 *
 * Addresses are written as the numbers they are: v1 has guest addresses, and knows no halves of an address space.
 * @param policy One that `checkWellFormed` accepts.
 */
export function encodePolyV1(policy: Policy): PolyEncoding {
  const survey = new Survey()
  const peers = survey.names(policy.peers)
  const memories = survey.names(policy.memories)
  survey.policy(policy)
  const { facts, notes } = survey
  if (facts.length > 0) return { kind: 'refused', facts }
  const writer = new Writer()
  writer.header(policy)
  for (const [index, peer] of policy.peers.entries()) writer.peer(peer, peers[index]!)
  for (const [index, memory] of policy.memories.entries()) writer.memory(memory, memories[index]!)
  for (const [index, transition] of policy.transitions.entries()) writer.flow(transition, index)
  return { kind: 'blob', blob: writer.finish(), notes }
}

/** The number of a peer in v1, or `undefined` if nothing gives it exactly one. */
function labelOf({ label, rims }: Peer): number | undefined {
  return label ?? (rims.length === 1 ? labelOfRim(rims[0]!) : undefined)
}

/** The ids of a transition one by one, in the order in which they were written; one more than fit, at most. */
function valuesOf({ ranges, written = ranges }: Transition): readonly number[] {
  const values: number[] = []
  for (const [first, last] of written) {
    for (let id = first; id <= last && values.length <= POLY_ENTRIES; id++) values.push(id)
  }
  return values
}

/** Looks for everything that v1 cannot say. */
class Survey {
  readonly facts: Fact[] = []
  readonly notes: Fact[] = []

  /** `item` is the name of the peer or memory that is concerned, for whoever knows where it was written. */
  #cannotSay(what: string, item?: string): void {
    this.facts.push(makeFact('poly-cannot-say', { what, ...(item === undefined ? {} : { item }) }))
  }

  #limit(what: string, count: number, item?: string): void {
    if (count <= POLY_ENTRIES) return
    this.facts.push(
      makeFact('over-limit', { what, count, limit: POLY_ENTRIES, ...(item === undefined ? {} : { item }) }),
    )
  }

  /** The names of items in v1. */
  names(items: readonly { readonly name: string }[]): readonly string[] {
    const owners = new Map<string, string>()
    return items.map(({ name }) => {
      const short = shortName(name)
      const first = owners.get(short)
      owners.set(short, first ?? name)
      if (name.includes('\0')) this.#cannotSay('a name with a zero byte', name)
      else if (first !== undefined)
        this.facts.push(makeFact('poly-same-name', { first, second: name, short, item: name }))
      else if (short !== name) this.notes.push(makeFact('poly-short-name', { name, short, item: name }))
      return short
    })
  }

  policy(policy: Policy): void {
    const { peers, memories, transitions, version, assertionDigest } = policy
    for (const [what, items] of Object.entries({ peers, memories, transitions })) this.#limit(what, items.length)
    if (memories.length === 0) this.#cannotSay('a policy without memories')
    if (version !== undefined) this.notes.push(makeFact('poly-not-carried', { what: `the version ${version}` }))
    if (assertionDigest !== undefined) {
      this.notes.push(makeFact('poly-not-carried', { what: 'the digest of the assertions' }))
    }
    this.#labels(peers)
    for (const memory of memories) this.#memory(memory)
    for (const transition of transitions) this.#transition(transition, peers[transition.peer]!.name)
  }

  #labels(peers: readonly Peer[]): void {
    const owners = new Map<number, string>()
    for (const peer of peers) {
      const { name, rims, rpv } = peer
      if (rpv !== undefined) this.#cannotSay(`the personalization value of \`${name}\``, name)
      if (rims.length > 1) this.#cannotSay(`several measurements of \`${name}\``, name)
      const [rim] = rims
      if (rim !== undefined && peer.label !== undefined && peer.label !== labelOfRim(rim)) {
        this.#cannotSay(`a label of \`${name}\` that its measurement does not begin with`, name)
      }
      const label = labelOf(peer)
      if (label === undefined) {
        if (rims.length === 0) this.#cannotSay(`\`${name}\`, which has neither measurement nor label`, name)
        continue
      }
      const first = owners.get(label)
      if (first !== undefined) this.facts.push(makeFact('same-label', { first, second: name, label, item: name }))
      owners.set(label, name)
    }
  }

  #memory({ name, mappings, paced }: Memory): void {
    this.#limit(`mappings of memory \`${name}\``, mappings.length, name)
    if (paced) this.#cannotSay(`that memory \`${name}\` is paced`, name)
    for (const { rights, ipaGranule, anyCount } of mappings) {
      if ((rights & RIGHT.execute) !== 0) this.#cannotSay(`the right to execute memory \`${name}\``, name)
      if ((rights & RIGHT.owner) !== 0) this.#cannotSay(`who owns memory \`${name}\``, name)
      // Every named peer has an address by now; components that nobody names have the one that was pinned.
      if (ipaGranule === null) this.#cannotSay(`a mapping of memory \`${name}\` without an address`, name)
      if ((anyCount ?? 0) > MOST_ANY) this.#cannotSay(`${anyCount} components in memory \`${name}\``, name)
    }
  }

  #transition(transition: Transition, peer: string): void {
    const { class: transitionClass, action } = transition
    if (POLY_CLASS[transitionClass] === undefined) this.#cannotSay(`a transition of class ${transitionClass}`, peer)
    if (POLY_ACTION[action] === undefined)
      this.#cannotSay(`\`${action}\` for ${oneOfClass(transitionClass)} of \`${peer}\``, peer)
    if (valuesOf(transition).length > POLY_ENTRIES) {
      this.#cannotSay(`more than ${POLY_ENTRIES} ids of one transition of \`${peer}\``, peer)
    }
  }
}

class Writer {
  readonly #bytes = new Uint8Array(POLY_LIMITS.blobBytes)
  readonly #view = new DataView(this.#bytes.buffer)
  #at = 0

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }

  header({ self, peers, memories, transitions }: Policy): void {
    this.#u32(POLY_MAGIC)
    for (const number of [POLY_VERSION, self, peers.length, memories.length, transitions.length, 0]) this.#u16(number)
  }

  peer(peer: Peer, name: string): void {
    this.#name(name)
    this.#u32(labelOf(peer)!)
    this.#bytes[this.#at++] = peer.gateway ? 1 : 0
    this.#bytes[this.#at++] = peer.strict ? 1 : 0
    this.#u16(0)
  }

  memory({ kind, granules, mappings }: Memory, name: string): void {
    this.#name(name)
    this.#u64(granules * 4096)
    this.#u16(POLY_KIND[kind])
    this.#u16(mappings.length)
    for (const { peer, rights, ipaGranule, anyCount } of mappings) {
      this.#u16(peer ?? ANY_INDEX)
      this.#u16(rights)
      this.#u64(ipaGranule! * 4096)
      this.#u32((peer === null ? (anyCount ?? UNLIMITED) : 0) >>> 0)
      this.#u32(0)
    }
  }

  flow(transition: Transition, index: number): void {
    const values = valuesOf(transition)
    this.#name(flowName(index))
    this.#u16(transition.peer)
    this.#u16(POLY_CLASS[transition.class]!)
    this.#u16(POLY_ACTION[transition.action]!)
    this.#u16(values.length)
    for (const value of values) this.#u32(value)
  }

  #name(name: string): void {
    this.#bytes.set(encodeUtf8(name)!, this.#at)
    this.#at += POLY_NAME_BYTES
  }

  #u16(value: number): void {
    this.#view.setUint16(this.#at, value, true)
    this.#at += 2
  }

  #u32(value: number): void {
    this.#view.setUint32(this.#at, value, true)
    this.#at += 4
  }

  #u64(value: number): void {
    this.#view.setBigUint64(this.#at, BigInt(value), true)
    this.#at += 8
  }
}
