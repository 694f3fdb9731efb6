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
  for (const claim of claimed) join(monitor, member, frozen, claim)
}

/** The blob, in the granules that the host gave for it. */
function storeBlob(monitor: Monitor, member: MicaRealm, blob: Uint8Array): void {
  for (const [page, granule] of member.pds.entries()) {
    monitor.memory.granuleBytes(granule).set(blob.subarray(page * GRANULE_SIZE, (page + 1) * GRANULE_SIZE))
  }
}

function join(monitor: Monitor, member: MicaRealm, frozen: FrozenPolicy, claim: ClaimedMemory): void {
  const memory = memoryOf(member, claim)
  if (memory.vacated) {
    for (const granule of memory.granules) monitor.granules.zero(granule)
    memory.vacated = false
  }
  for (const other of memory.holders) {
    const place = placeIn(other.member.frozen!.policy, other.memory, frozen.identity)
    other.admitted.set(place, (other.admitted.get(place) ?? 0) + 1)
  }
  const admitted = admittedBy(frozen.policy, claim.memory, memory.holders)
  const holder: Holder = { member, memory: claim.memory, base: claim.base, admitted }
  memory.holders.push(holder)
  const has = (right: number): boolean => (claim.rights & right) !== 0
  setRights(monitor, holder, memory, {
    read: has(RIGHT.read),
    write: has(RIGHT.write),
    execute: has(RIGHT.execute),
  })
  emitMemory(monitor, memory, frozen.policy.memories[claim.memory]!.name)
}

/** The memory that others hold already, or a new one of these granules. */
function memoryOf(member: MicaRealm, claim: ClaimedMemory): SharedMemory {
  const [known] = claim.known
  if (known !== undefined) return known
  const pages = claim.granules.map((_, page) => member.mappings.get(claim.base + page * GRANULE_SIZE)!)
  // A memory that all holders have left keeps nothing for a newcomer but that it was used.
  const vacated = pages.some(({ memory }) => memory?.vacated === true)
  const memory: SharedMemory = { granules: claim.granules, holders: [], vacated }
  for (const shared of pages) shared.memory = memory
  return memory
}
