import type { GeneralRegisters } from '@mica/hw-sim'
import {
  encodeGroup,
  expandedBytes,
  GROUP_BYTES,
  GROUP_MEMBERS,
  type Group,
  type GroupMember,
  groupOrder,
} from '@mica/policy'
import { type CborKey, type CborValue, encodeCborInGivenOrder } from '@mica/policy/cbor'
import { RSI_ATTEST_TOKEN_CONTINUE_GROUP } from '../abi/index.ts'
import { RAK_HASH_ALGORITHM } from '../attestation/attester.ts'
import { CLAIM, GROUP_PROFILE } from '../attestation/claims.ts'
import { hashAlgorithmName } from '../attestation/realm-token.ts'
import { createTokenRequest } from '../attestation/token-request.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { continueToken } from '../rsi/attestation-token.ts'
import { type CallResult, rsiStateError, rsiSuccess } from '../rsi/result.ts'
import { wordsToBytes } from '../rsi/words.ts'
import type { MicaRealm, MicaState, SharedMemory } from './state.ts'

/** Room for platform token, signature and envelope around the claims, in bytes. */
export const ENVELOPE_SIZE = 8192

/**
 * Begins a token for the whole group of the caller, for the challenge in x1 to x8. What it says is what holds now.
 *
 * @returns `RSI_ERROR_STATE` if the Realm has no policy, or its group is larger than a token may be or than readers of
 *   groups take; otherwise `RSI_SUCCESS`, with an upper bound of the token's size in x1.
 */
export function attestTokenInitGroup(state: MicaState, monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const requester = state.find(rec.realm)
  if (requester?.frozen === undefined) return rsiStateError()
  const claims = groupClaims(state, monitor, requester, wordsToBytes(x, 1))
  if (claims === undefined) return rsiStateError()
  const bound = claims.length + ENVELOPE_SIZE
  if (bound > state.limits.groupTokenBytes) return rsiStateError()
  const request = createTokenRequest(() => monitor.attester.collection(claims, 'tag-907'))
  rec.tokens.set(Number(RSI_ATTEST_TOKEN_CONTINUE_GROUP), request)
  return rsiSuccess(BigInt(bound))
}

/** Writes the next part of the group token: see `attestationTokenContinue`. */
export function attestTokenContinueGroup(monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  return continueToken(monitor, rec, x, Number(RSI_ATTEST_TOKEN_CONTINUE_GROUP))
}

/**
 * The group, and who asks; apart from challenge and index the same bytes whichever does. Absent if it is larger than
 * readers of groups take: in members, in bytes to which its policies expand, or in bytes.
 */
function groupClaims(
  { limits }: MicaState,
  monitor: Monitor,
  requester: MicaRealm,
  challenge: Uint8Array,
): Uint8Array | undefined {
  const { members, memories } = closure(requester)
  if (members.length > GROUP_MEMBERS) return undefined
  const group: Group = {
    members: members.map(describeMember),
    channels: memories.map(({ holders }) => ({
      holders: holders.map((holder) => ({ member: members.indexOf(holder.member), memory: holder.memory })),
    })),
  }
  if (expandedBytes(group.members) > limits.groupExpandedBytes) return undefined
  const encoded = encodeGroup(group)
  if (encoded.length > GROUP_BYTES) return undefined
  const claims = new Map<CborKey, CborValue>([
    [CLAIM.challenge, challenge],
    [CLAIM.profile, GROUP_PROFILE],
    [CLAIM.realmPublicKey, monitor.attester.publicKey],
    [CLAIM.realmPublicKeyHashAlgorithm, RAK_HASH_ALGORITHM],
    [CLAIM.micaGroup, encoded],
    [CLAIM.micaRequester, groupOrder(group).indexOf(members.indexOf(requester))],
  ])
  return encodeCborInGivenOrder(claims)
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
