import { GRANULE_SIZE } from '@mica/hw-sim'
import { type Identity, type Policy, RIGHT } from '@mica/policy'
import { extendRem } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import { admittedBy, placeIn } from './admission.ts'
import type { ClaimedMemory } from './claimed-memories.ts'
import { emitAccepted, emitMemory } from './event.ts'
import { FrozenPolicy, type ListedRange } from './frozen-policy.ts'
import { setRights } from './leave.ts'
import type { Holder, MicaRealm, SharedMemory } from './state.ts'
import { type Excess, removeExcess } from './unprotected.ts'

/** A policy that passed every check, with what was found on the way. */
export interface AcceptedPolicy {
  readonly policy: Policy
  readonly identity: Identity
  readonly blob: Uint8Array
  readonly digest: Uint8Array
  readonly unprotected: readonly ListedRange[]
  readonly excess: readonly Excess[]
  readonly claimed: readonly ClaimedMemory[]
}

/** Upload step 8: freezes a policy, measures it, takes away what it does not list, and opens what it does. Cannot fail. */
export function commitPolicy(monitor: Monitor, member: MicaRealm, accepted: AcceptedPolicy): void {
  const { policy, identity, blob, digest, unprotected, excess, claimed } = accepted
  const { realm } = member
  storeBlob(monitor, member, blob)
  const protectedRanges = claimed.map(({ memory, base, granules, rights }) => {
    return { memory, base, size: granules.length * GRANULE_SIZE, rights }
  })
  const frozen = new FrozenPolicy({ policy, identity, blob, digest, protectedRanges, unprotectedRanges: unprotected })
  member.frozen = frozen
  realm.policy = frozen
  realm.rems[0] = extendRem(realm.rems[0]!, digest, realm.hash)
  emitAccepted(monitor, realm, digest)
  removeExcess(monitor, realm, excess)
  for (const claim of claimed) {
    joinMemory(monitor, member, frozen, claim)
    member.history.begin(claim.memory)
  }
}

/** The blob, in the granules that the host gave for it. */
function storeBlob(monitor: Monitor, member: MicaRealm, blob: Uint8Array): void {
  for (const [page, granule] of member.pds.entries()) {
    monitor.memory.granuleBytes(granule).set(blob.subarray(page * GRANULE_SIZE, (page + 1) * GRANULE_SIZE))
  }
}

/**
 * Opens a memory, which every check has passed for, with the rights of the Realm's own policy.
 *
 * INVARIANT: whoever held the place of a newcomer before has left since the memory was zeroed last; so what the newcomer
 * finds was written by Realms that are still there, or by itself.
 */
export function joinMemory(monitor: Monitor, member: MicaRealm, frozen: FrozenPolicy, claim: ClaimedMemory): void {
  const memory = memoryOf(member, claim)
  memory.leavers.delete(member)
  if (memory.leavers.size > 0) {
    for (const granule of memory.granules) monitor.granules.zero(granule)
    memory.leavers.clear()
  }
  for (const other of memory.holders) {
    const place = placeIn(other.member.frozen!.policy, other.memory, frozen.identity)
    other.admitted.set(place, (other.admitted.get(place) ?? 0) + 1)
    meet(member, claim.memory, other.member, other.memory)
    meet(other.member, other.memory, member, claim.memory)
  }
  const admitted = admittedBy(frozen.policy, claim.memory, memory.holders)
  const holder: Holder = { member, memory: claim.memory, base: claim.base, admitted }
  memory.holders.push(holder)
  member.held.set(claim.memory, memory)
  const has = (right: number): boolean => (claim.rights & right) !== 0
  setRights(monitor, holder, memory, {
    read: has(RIGHT.read),
    write: has(RIGHT.write),
    execute: has(RIGHT.execute),
  })
  emitMemory(monitor, memory, frozen.policy.memories[claim.memory]!.name)
}

function meet(member: MicaRealm, memory: number, other: MicaRealm, theirs: number): void {
  const shared = member.met.get(other) ?? new Map<number, number>()
  member.met.set(other, shared.set(memory, theirs))
}

/** The memory that others hold already, or a new one of these granules. */
function memoryOf(member: MicaRealm, claim: ClaimedMemory): SharedMemory {
  const [known] = claim.known
  if (known !== undefined) return known
  const pages = claim.granules.map((_, page) => member.mappings.get(claim.base + page * GRANULE_SIZE)!)
  // A memory that all holders have left keeps nothing for a newcomer but who used it.
  const leavers = new Set(pages.flatMap(({ memory }) => [...(memory?.leavers ?? [])]))
  const memory: SharedMemory = { granules: claim.granules, holders: [], leavers, revoked: false }
  for (const shared of pages) shared.memory = memory
  return memory
}
