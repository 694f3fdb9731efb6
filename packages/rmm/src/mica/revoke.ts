import type { GeneralRegisters } from '@mica/hw-sim'
import { RIGHT } from '@mica/policy'
import { RSI_ATTESTATION_TOKEN_CONTINUE } from '../abi/index.ts'
import { createTokenRequest } from '../attestation/token-request.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { type CallResult, rsiInputError, rsiStateError, rsiSuccess } from '../rsi/result.ts'
import { wordsToBytes } from '../rsi/words.ts'
import { callingMember, memoryArgument } from './arguments.ts'
import { ENVELOPE_SIZE } from './group-token.ts'
import { leaveMemory } from './leave.ts'
import { describeHolders, receiptClaims } from './receipt.ts'
import { signal } from './signal.ts'
import type { MicaState } from './state.ts'

/**
 * Ends the memory x1 of the caller's policy, which marks the caller as an owner of it: everybody's access goes, the
 * granules are zeroed, and nobody gets in again. The others are notified. The receipt, for the challenge in x2 to x9, is
 * read by RSI_ATTESTATION_TOKEN_CONTINUE; it takes the place of a token that was begun before.
 *
 * Entries of translation tables stay, without access, until the host takes them out: it does not see that this happened.
 *
 * @returns In order: `RSI_ERROR_STATE` without a policy; `RSI_ERROR_INPUT` if the caller is no owner of such a memory;
 *   `RSI_ERROR_STATE` if it has left it; otherwise `RSI_SUCCESS`, with an upper bound of the receipt's size in x1.
 */
export function revoke(state: MicaState, monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const caller = callingMember(state, rec)
  if (caller === undefined) return rsiStateError()
  const own = memoryArgument(caller, x)
  if (own === undefined || (own.rights & RIGHT.owner) === 0) return rsiInputError()
  const memory = caller.held.get(own.memory)
  if (memory === undefined) return rsiStateError()

  const touched = [...memory.holders]
  const lost = describeHolders(touched, caller)
  for (const { member } of touched) leaveMemory(monitor, member, memory, 'revoke')
  memory.revoked = true
  for (const granule of memory.granules) monitor.granules.zero(granule)
  memory.leavers.clear()
  for (const holder of touched) if (holder.member !== caller) signal(monitor, holder)
  const claims = receiptClaims({
    challenge: wordsToBytes(x, 2),
    publicKey: monitor.attester.publicKey,
    name: caller.frozen.policy.memories[own.memory]!.name,
    granules: memory.granules.length,
    lost,
  })
  const request = createTokenRequest(() => monitor.attester.collection(claims, 'tag-907'))
  rec.tokens.set(Number(RSI_ATTESTATION_TOKEN_CONTINUE), request)
  return rsiSuccess(BigInt(claims.length + ENVELOPE_SIZE))
}
