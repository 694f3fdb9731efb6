import type { GeneralRegisters } from '@mica/hw-sim'
import { countLeaves, groupTree, TREE_SEED_BYTES } from '@mica/policy'
import { type CborKey, type CborValue, encodeCbor, encodeCborInGivenOrder } from '@mica/policy/cbor'
import { ATTEST_GROUP_DISCLOSABLE, RSI_ATTEST_TOKEN_CONTINUE_GROUP } from '../abi/index.ts'
import { RAK_HASH_ALGORITHM } from '../attestation/attester.ts'
import { CLAIM, GROUP_OPENING, GROUP_PROFILE, GROUP_TREE_PROFILE } from '../attestation/claims.ts'
import { createTokenRequest } from '../attestation/token-request.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { continueToken } from '../rsi/attestation-token.ts'
import { type CallResult, rsiInputError, rsiStateError, rsiSuccess } from '../rsi/result.ts'
import { wordsToBytes } from '../rsi/words.ts'
import { type GroupSnapshot, groupOf } from './group-snapshot.ts'
import type { MicaState } from './state.ts'

/** Room around a group, or around the claims of a receipt, for all else that its evidence holds, in bytes. */
export const ENVELOPE_SIZE = 8192

/**
 * Begins a token for the whole group of the caller, for the challenge in x1 to x8. What it says is what holds now. With
 * the flag in x9 the root of a tree over the group is signed, and the group travels beside it.
 *
 * @returns In order: `RSI_ERROR_STATE` if the Realm has no policy; `RSI_ERROR_INPUT` for a flag that is not defined;
 *   `RSI_ERROR_STATE` if its group or the token is over a limit; otherwise `RSI_SUCCESS`, with an upper bound of the
 *   token's size in x1.
 */
export function attestTokenInitGroup(state: MicaState, monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const requester = state.find(rec.realm)
  if (requester?.frozen === undefined) return rsiStateError()
  const isTree = x[9] === ATTEST_GROUP_DISCLOSABLE
  if (x[9] !== 0n && !isTree) return rsiInputError()
  const snapshot = groupOf(state, requester)
  if (snapshot === undefined) return rsiStateError()
  if (isTree && countLeaves(snapshot.group) > state.limits.treeLeaves) return rsiStateError()
  const bound = snapshot.encoded.length + ENVELOPE_SIZE
  if (bound > state.limits.groupTokenBytes) return rsiStateError()
  const make = (isTree ? treeToken : listToken)(monitor, snapshot, wordsToBytes(x, 1))
  rec.tokens.set(Number(RSI_ATTEST_TOKEN_CONTINUE_GROUP), createTokenRequest(make))
  return rsiSuccess(BigInt(bound))
}

/** Writes the next part of the group token: see `attestationTokenContinue`. */
export function attestTokenContinueGroup(monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  return continueToken(monitor, rec, x, Number(RSI_ATTEST_TOKEN_CONTINUE_GROUP))
}

/** A token in which the whole group is signed: apart from challenge and requester the same bytes whichever member asks. */
function listToken(monitor: Monitor, { encoded, requester }: GroupSnapshot, challenge: Uint8Array): () => Uint8Array {
  const claims = claimsOf(monitor, challenge, GROUP_PROFILE, [CLAIM.micaGroup, encoded], requester)
  return () => monitor.attester.collection(claims, 'tag-907')
}

/** A token in which the root of a tree is signed, with a fresh seed: no leaf of it is like one of another tree. */
function treeToken(
  monitor: Monitor,
  { group, policies, encoded, requester }: GroupSnapshot,
  challenge: Uint8Array,
): () => Uint8Array {
  const seed = monitor.machine.monitorRandom.bytes(TREE_SEED_BYTES)
  const { leaves, root, members } = groupTree(group, seed, policies)
  const tree: CborValue = [leaves.length, root]
  const claims = claimsOf(monitor, challenge, GROUP_TREE_PROFILE, [CLAIM.micaGroupTree, tree], members[requester]!)
  const opening = encodeCbor([seed, encoded])
  return () => monitor.attester.collectionWith(claims, GROUP_OPENING, opening)
}

function claimsOf(
  { attester }: Monitor,
  challenge: Uint8Array,
  profile: string,
  group: readonly [label: number, value: CborValue],
  requester: number,
): Uint8Array {
  const claims = new Map<CborKey, CborValue>([
    [CLAIM.challenge, challenge],
    [CLAIM.profile, profile],
    [CLAIM.realmPublicKey, attester.publicKey],
    [CLAIM.realmPublicKeyHashAlgorithm, RAK_HASH_ALGORITHM],
    group,
    [CLAIM.micaRequester, requester],
  ])
  return encodeCborInGivenOrder(claims)
}
