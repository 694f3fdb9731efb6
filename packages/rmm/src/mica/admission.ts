import { checkPair, fittingMappings, type Identity, type Policy } from '@mica/policy'
import type { ClaimedMemory } from './claimed-memories.ts'
import type { FrozenPolicy } from './frozen-policy.ts'
import { type Refusal, refuse, refuseFact } from './refusal.ts'
import type { Holder, MicaRealm, SharedMemory } from './state.ts'

/**
 * Upload steps 5 and 6: whether every Realm with a policy that maps any of these granules and the newcomer accept each
 * other, in everything that either says about the other.
 *
 * The walk goes from the granules outwards, so a peer is found or absent, never guessed by a name.
 *
 * @param member The newcomer: a Realm that holds nothing yet, or one that has left some of its memories. What two Realms
 *   have ever shared counts when they meet again, also where one of them has left it.
 */
export function checkAdmission(
  member: MicaRealm,
  { policy, identity }: Pick<FrozenPolicy, 'policy' | 'identity'>,
  claimed: readonly ClaimedMemory[],
): Refusal | undefined {
  const pairs = new Map<MicaRealm, Map<number, number>>()
  for (const claim of claimed) {
    if (claim.isRevoked) return refuse(5, 'memory-revoked', { memory: policy.memories[claim.memory]!.name })
    for (const known of claim.known) {
      if (!sameGranules(claim, known)) {
        return refuse(5, 'granules-differ', { memory: policy.memories[claim.memory]!.name })
      }
      for (const holder of known.holders) {
        const shared = pairs.get(holder.member) ?? new Map(member.met.get(holder.member))
        pairs.set(holder.member, shared.set(claim.memory, holder.memory))
      }
    }
  }
  for (const [peer, shared] of pairs) {
    const theirs = peer.frozen!
    const indices = Array.from(shared, ([own, other]) => ({ mine: own, theirs: other }))
    const fact = checkPair(policy, identity, theirs.policy, theirs.identity, indices)
    if (fact !== undefined) return refuseFact(6, fact)
  }
  for (const claim of claimed) {
    const refusal = checkPlaces(policy, identity, claim)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

/** Whether a claim is exactly a memory that others hold. It then knows no other. */
function sameGranules(claim: ClaimedMemory, known: SharedMemory): boolean {
  return (
    claim.granules.length === known.granules.length &&
    claim.granules.every((granule, index) => granule === known.granules[index])
  )
}

/** One Realm for a named place, no more than its count for `any`: as the newcomer and as every holder sees it. */
function checkPlaces(policy: Policy, identity: Identity, claim: ClaimedMemory): Refusal | undefined {
  for (const known of claim.known) {
    for (const holder of known.holders) {
      const theirs = holder.member.frozen!.policy
      const place = placeIn(theirs, holder.memory, identity)
      const refusal = checkPlace(theirs, holder.memory, place, (holder.admitted.get(place) ?? 0) + 1)
      if (refusal !== undefined) return refusal
    }
    for (const [place, count] of admittedBy(policy, claim.memory, known.holders)) {
      const refusal = checkPlace(policy, claim.memory, place, count)
      if (refusal !== undefined) return refusal
    }
  }
  return undefined
}

/** How many of these holders stand in each mapping of a memory, as one policy sees them. */
export function admittedBy(policy: Policy, memory: number, holders: readonly Holder[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { member } of holders) {
    const place = placeIn(policy, memory, member.frozen!.identity)
    counts.set(place, (counts.get(place) ?? 0) + 1)
  }
  return counts
}

/** INVARIANT: of Realms that passed each other's check of the pair, each fits one mapping exactly. */
export function placeIn(policy: Policy, memory: number, identity: Identity): number {
  return fittingMappings(policy, memory, identity)[0]!
}

function checkPlace(policy: Policy, memory: number, place: number, others: number): Refusal | undefined {
  const { name, mappings } = policy.memories[memory]!
  const { peer, anyCount } = mappings[place]!
  if (peer === null) {
    const limit = anyCount ?? Number.POSITIVE_INFINITY
    return others <= limit ? undefined : refuse(5, 'any-over-count', { memory: name, count: others, limit })
  }
  // Self stands in its own place: another that fits it finds it taken.
  const count = peer === policy.self ? others + 1 : others
  return count <= 1 ? undefined : refuse(5, 'mapping-held', { memory: name, count })
}
