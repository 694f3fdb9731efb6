import { encodeUtf8 } from './cbor/utf8.ts'
import { compareBytes } from './cbor/value.ts'
import { type Fact, makeFact } from './facts.ts'
import { DEFAULT_LIMITS, NAME_BYTES, PEER_RIMS, type PolicyLimits, RPV_BYTES } from './limits.ts'
import { type Mapping, type Memory, type Policy, RIGHT, type Transition } from './model.ts'
import { firstCommonId, isNormal } from './ranges.ts'
import { FORCED, ID_SPACE } from './transition-ids.ts'

const ALL_RIGHTS = RIGHT.read | RIGHT.write | RIGHT.execute | RIGHT.owner
const READ_WRITE = RIGHT.read | RIGHT.write

/**
 * Whether a policy means something: limits, names, identities, sizes, rights, addresses, transitions, in this order.
 *
 * A policy may be well-formed and still contradict itself towards the monitor: see `checkSelf`.
 * @returns The first thing wrong, or `undefined`.
 */
export function checkWellFormed(policy: Policy, limits: PolicyLimits = DEFAULT_LIMITS): Fact | undefined {
  return (
    checkLimits(policy, limits) ??
    checkNames(policy.peers, 'peers') ??
    checkNames(policy.memories, 'memories') ??
    checkIndices(policy) ??
    checkIdentities(policy) ??
    firstFact(policy.memories, (memory) => checkMemory(policy, memory, limits)) ??
    checkOverlaps(policy) ??
    checkTransitions(policy) ??
    checkAssertionDigest(policy)
  )
}

/** The first fact that a check finds among items. */
function firstFact<Item>(items: Iterable<Item>, check: (item: Item) => Fact | undefined): Fact | undefined {
  for (const item of items) {
    const fact = check(item)
    if (fact !== undefined) return fact
  }
  return undefined
}

function checkLimits(policy: Policy, limits: PolicyLimits): Fact | undefined {
  return firstFact(['peers', 'memories', 'transitions'] as const, (what) => {
    const count = policy[what].length
    return count > limits[what] ? makeFact('over-limit', { what, count, limit: limits[what] }) : undefined
  })
}

function checkNames(items: readonly { readonly name: string }[], what: string): Fact | undefined {
  const seen = new Set<string>()
  return firstFact(items.entries(), ([index, { name }]) => {
    const length = encodeUtf8(name)?.length ?? 0
    if (length < 1 || length > NAME_BYTES) return makeFact('bad-name', { what, index, length })
    if (seen.has(name)) return makeFact('duplicate-name', { what, name })
    seen.add(name)
    return undefined
  })
}

function checkIndices(policy: Policy): Fact | undefined {
  const count = policy.peers.length
  const outside = (index: number | null, where: string): Fact | undefined =>
    index !== null && index >= count ? makeFact('index-out-of-range', { where, index, count }) : undefined
  return (
    outside(policy.self, 'self') ??
    firstFact(policy.memories, (memory) =>
      firstFact(memory.mappings, ({ peer }) => outside(peer, `memory \`${memory.name}\``)),
    ) ??
    firstFact(policy.transitions, ({ peer }) => outside(peer, 'a transition'))
  )
}

/** Identities tell peers apart: two peers with one measurement need two personalization values. */
function checkIdentities(policy: Policy): Fact | undefined {
  const length = policy.peers.find((peer) => peer.rims.length > 0)?.rims[0]?.length
  const owners = new Map<string, number[]>()
  const labels = new Map<number, string>()
  return firstFact(policy.peers.entries(), ([index, peer]) => {
    const bad = (problem: string): Fact => makeFact('bad-identity', { peer: peer.name, problem })
    if (peer.rpv !== undefined && peer.rpv.length !== RPV_BYTES) return bad('a personalization value has 64 bytes')
    if (peer.rims.length > PEER_RIMS) return bad(`more than ${PEER_RIMS} measurements`)
    if (peer.label !== undefined) {
      const first = labels.get(peer.label)
      if (first !== undefined) return makeFact('same-label', { first, second: peer.name, label: peer.label })
      labels.set(peer.label, peer.name)
    }
    return firstFact(peer.rims, (rim) => {
      if (rim.length !== 32 && rim.length !== 64) return bad('a measurement has 32 or 64 bytes')
      if (rim.length !== length) return bad('measurements of two lengths in one policy')
      const key = rim.join()
      const others = owners.get(key) ?? []
      owners.set(key, [...others, index])
      return firstFact(others, (other) => {
        if (other === index) return bad('a measurement twice')
        const { name, rpv } = policy.peers[other]!
        const apart = peer.rpv !== undefined && rpv !== undefined && compareBytes(peer.rpv, rpv) !== 0
        return apart ? undefined : makeFact('same-identity', { first: name, second: peer.name })
      })
    })
  })
}

function checkMemory(policy: Policy, memory: Memory, { halfGranules }: PolicyLimits): Fact | undefined {
  const { name, granules, kind } = memory
  if (granules < 1 || granules > halfGranules) {
    return makeFact('bad-size', { memory: name, granules, limit: halfGranules })
  }
  const seen = new Set<number | null>()
  const fact = firstFact(memory.mappings, (mapping) => {
    const { rights, peer, ipaGranule } = mapping
    if (rights < 1 || rights > ALL_RIGHTS) return makeFact('bad-rights', { memory: name, rights })
    if (kind === 'unprotected' && (rights & RIGHT.execute) !== 0) {
      return makeFact('executable-unprotected', { memory: name })
    }
    if (ipaGranule !== null && ipaGranule + granules > halfGranules) {
      return makeFact('outside-address-space', { memory: name, granule: ipaGranule })
    }
    if (mapping.anyCount !== undefined && (peer !== null || mapping.anyCount < 1)) {
      return makeFact('bad-any-count', { memory: name })
    }
    if (seen.has(peer)) {
      return makeFact('duplicate-mapping', { memory: name, peer: peer === null ? 'any' : policy.peers[peer]!.name })
    }
    seen.add(peer)
    return undefined
  })
  if (fact !== undefined) return fact
  const paceable = kind === 'protected' && memory.mappings.every(isOneWay)
  return memory.paced && !paceable ? makeFact('bad-pacing', { memory: name }) : undefined
}

/** Whether a mapping does not both read and write. */
function isOneWay(mapping: Mapping): boolean {
  return (mapping.rights & READ_WRITE) !== READ_WRITE
}

/** No peer has two memories of one kind at one address. */
function checkOverlaps(policy: Policy): Fact | undefined {
  const placed: { half: string; first: number; memory: Memory; peer: number }[] = []
  for (const memory of policy.memories) {
    for (const { peer, ipaGranule } of memory.mappings) {
      // `any` stands for a different component in each memory, so its places do not share an address space.
      if (peer === null || ipaGranule === null) continue
      placed.push({ half: `${peer} ${memory.kind}`, first: ipaGranule, memory, peer })
    }
  }
  placed.sort((a, b) => (a.half < b.half ? -1 : a.half > b.half ? 1 : a.first - b.first))
  return firstFact(placed.entries(), ([i, { half, first, memory, peer }]) => {
    const before = placed[i - 1]
    if (before === undefined || before.half !== half || before.first + before.memory.granules <= first) return undefined
    const names = { first: before.memory.name, second: memory.name, peer: policy.peers[peer]!.name }
    return makeFact('overlapping-memories', names)
  })
}

function checkTransitions(policy: Policy): Fact | undefined {
  const byPeerAndClass = new Map<string, Transition[]>()
  return firstFact(policy.transitions, (transition) => {
    const { class: transitionClass, ranges, action } = transition
    const peer = policy.peers[transition.peer]!.name
    if (!isNormal(ranges, ID_SPACE[transitionClass])) return makeFact('bad-ranges', { peer })
    const key = `${transition.peer} ${transitionClass}`
    const others = byPeerAndClass.get(key) ?? []
    const twice = firstFact(others, (other) => {
      const id = firstCommonId(other.ranges, ranges)
      return id === undefined ? undefined : makeFact('overlapping-transitions', { peer, class: transitionClass, id })
    })
    if (twice !== undefined) return twice
    others.push(transition)
    byPeerAndClass.set(key, others)
    if (action !== 'block') return undefined
    return firstFact(FORCED, (forced) => {
      const id = forced.class === transitionClass ? firstCommonId(forced.ranges, ranges) : undefined
      return id === undefined ? undefined : makeFact('below-forced', { peer, class: transitionClass, id })
    })
  })
}

function checkAssertionDigest(policy: Policy): Fact | undefined {
  const length = policy.assertionDigest?.length ?? 32
  return length === 32 ? undefined : makeFact('bad-digest', { length })
}
