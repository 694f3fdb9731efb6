import { compareBytes, equalBytes } from './cbor/value.ts'
import { type Fact, makeFact } from './facts.ts'
import { RPV_BYTES } from './limits.ts'
import type { Peer, Policy } from './model.ts'
import { bytesKey, memoriesOfPeers, peersByRim } from './policy-index.ts'

/** What the monitor knows a Realm by: what it measured, and the value the host gave to tell replicas apart. */
export interface Identity {
  /** Initial measurement, 32 or 64 bytes. */
  readonly rim: Uint8Array
  /** Realm personalization value, 64 bytes; zero when none. It authenticates nothing. */
  readonly rpv: Uint8Array
}

/** The personalization value of a Realm that was given none. */
export function zeroRpv(): Uint8Array {
  return new Uint8Array(RPV_BYTES)
}

/** Whether a peer entry stands for components of a known measurement; one without is `any(1)` with a name. */
export function isIdentified(peer: Peer): boolean {
  return peer.rims.length > 0
}

/** The peer that names this identity by measurement (and personalization value, if it gives one). */
export function namedPeer(policy: Policy, who: Identity): number | undefined {
  const candidates = peersByRim(policy).get(bytesKey(who.rim)) ?? []
  // INVARIANT: of a well-formed policy at most one fits, since peers that share a measurement have values that differ.
  return candidates.find((index) => acceptsRpv(policy.peers[index]!, who))
}

function acceptsRpv(peer: Peer, who: Identity): boolean {
  return peer.rpv === undefined || equalBytes(peer.rpv, who.rpv)
}

/**
 * The mappings of a memory that another Realm than the policy's own fits, by index: that of the peer that names it, or
 * else `any` and those of peers without measurement, which stand for components that the policy does not name. One
 * exactly is what admits it.
 *
 * Self without measurement is whoever uploaded the policy, so nobody else fits that place.
 */
export function fittingMappings(policy: Policy, memoryIndex: number, who: Identity): readonly number[] {
  const named = namedPeer(policy, who)
  const fitting: number[] = []
  for (const [index, { peer }] of (policy.memories[memoryIndex]?.mappings ?? []).entries()) {
    const entry = peer === null ? undefined : policy.peers[peer]!
    const unnamed = entry === undefined || (peer !== policy.self && !isIdentified(entry) && acceptsRpv(entry, who))
    if (named === undefined ? unnamed : peer === named) fitting.push(index)
  }
  return fitting
}

/**
 * Whether a policy is this Realm's own and covers what it uses.
 *
 * @returns In order of priority: another measurement than Self lists; another personalization value than Self gives;
 *   unprotected memory of Self without the gateway flag.
 */
export function checkSelf(policy: Policy, me: Identity): Fact | undefined {
  const self = policy.peers[policy.self]!
  if (isIdentified(self) && !self.rims.some((rim) => compareBytes(rim, me.rim) === 0)) {
    return makeFact('self-rim-differs', { peer: self.name })
  }
  if (!acceptsRpv(self, me)) return makeFact('self-rpv-differs', { peer: self.name })
  const memory = self.gateway ? undefined : unprotectedMemory(policy, policy.self)
  return memory === undefined ? undefined : makeFact('self-not-gateway', { peer: self.name, memory })
}

/** The name of the first unprotected memory in which a peer has a mapping. */
export function unprotectedMemory(policy: Policy, peer: number): string | undefined {
  for (const index of memoriesOfPeers(policy)[peer] ?? []) {
    const { kind, name } = policy.memories[index]!
    if (kind === 'unprotected') return name
  }
  return undefined
}
