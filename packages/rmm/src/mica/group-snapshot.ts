import { encodeGroup, expandedBytes, type Group, type GroupMember, type Policy, sortGroup } from '@mica/policy'
import { hashAlgorithmName } from '../attestation/realm-token.ts'
import type { MicaRealm, MicaState, SharedMemory } from './state.ts'

/** A group as it is now, in canonical order: the same whichever member asks, but for who that is. */
export interface GroupSnapshot {
  readonly group: Group
  /** What each of its blobs says. */
  readonly policies: ReadonlyMap<Uint8Array, Policy>
  readonly encoded: Uint8Array
  /** Index of the member that asks. */
  readonly requester: number
}

/** The group of a Realm. Absent if it is over a limit: in members, or in bytes to which its policies expand. */
export function groupOf({ limits }: MicaState, requester: MicaRealm): GroupSnapshot | undefined {
  const { members, memories } = closure(requester)
  if (members.length > limits.groupMembers) return undefined
  const described = members.map(describeMember)
  if (expandedBytes(described) > limits.groupExpandedBytes) return undefined
  const group = sortGroup({
    members: described,
    channels: memories.map(({ holders }) => ({
      holders: holders.map((holder) => ({ member: members.indexOf(holder.member), memory: holder.memory })),
    })),
  })
  const policies = new Map(members.map(({ frozen }) => [frozen!.blob, frozen!.policy]))
  const encoded = encodeGroup(group, policies)
  return { group, policies, encoded, requester: group.members.indexOf(described[members.indexOf(requester)]!) }
}

/** Every Realm that shared memory leads to from one, step by step, and every memory that they hold. */
function closure(requester: MicaRealm): {
  readonly members: readonly MicaRealm[]
  readonly memories: readonly SharedMemory[]
} {
  const members = new Set([requester])
  const memories = new Set<SharedMemory>()
  // A set is walked in the order of insertion, additions included.
  for (const member of members) {
    for (const memory of member.held.values()) {
      if (memories.has(memory)) continue
      memories.add(memory)
      for (const holder of memory.holders) members.add(holder.member)
    }
  }
  // An order of its own, so that nothing in the report follows from who asked.
  const sorted = [...members].sort((a, b) => a.realm.rd - b.realm.rd)
  return { members: sorted, memories: [...memories] }
}

/** What the report says of a member. The encoding leaves out what follows from the rest. */
function describeMember({ realm, frozen, history }: MicaRealm): GroupMember {
  return {
    rim: realm.rim,
    rpv: realm.identity.rpv,
    rems: [...realm.rems],
    hashAlgorithm: hashAlgorithmName(realm),
    blob: frozen!.blob,
    chainHead: history.isInitial ? undefined : history.head,
  }
}
