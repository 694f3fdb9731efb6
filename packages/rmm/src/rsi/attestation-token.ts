import { type GeneralRegisters, GRANULE_SIZE, isAligned } from '@mica/hw-sim'
import { RSI_ATTESTATION_TOKEN_CONTINUE, RSI_INCOMPLETE, RSI_SUCCESS } from '../abi/index.ts'
import { realmClaims } from '../attestation/realm-token.ts'
import { createTokenRequest } from '../attestation/token-request.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { findRealmPage } from '../rtt/realm-memory.ts'
import { answer, type CallResult, rsiInputError, rsiStateError, rsiSuccess } from './result.ts'
import { wordsToBytes } from './words.ts'

/** Upper bound of a Realm's token in bytes: what it fits in, not what it has. */
const MAX_TOKEN_SIZE = 4096n

/**
 * Begins a token for the challenge in x1 to x8. One that was begun before is dropped.
 *
 * @returns `RSI_SUCCESS`, with an upper bound of the token's size in x1.
 * @see DEN0137 RSI_ATTESTATION_TOKEN_INIT
 */
export function attestationTokenInit(monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const { attester } = monitor
  const claims = realmClaims(rec.realm, wordsToBytes(x, 1), attester.publicKey)
  rec.tokens.set(
    Number(RSI_ATTESTATION_TOKEN_CONTINUE),
    createTokenRequest(() => attester.collection(claims)),
  )
  return rsiSuccess(MAX_TOKEN_SIZE)
}

/**
 * Writes the next part of the token into a page of the Realm: at most x3 bytes at offset x2 of the page x1.
 *
 * @returns In order: `RSI_ERROR_INPUT` if x1 is unaligned, the part does not lie in one page, or it is not memory of the
 *   Realm; `RSI_ERROR_STATE` if no token was begun or it is complete; `RSI_INCOMPLETE` or, with its last byte,
 *   `RSI_SUCCESS`, with the bytes written in x1.
 * @see DEN0137 RSI_ATTESTATION_TOKEN_CONTINUE
 */
export function attestationTokenContinue(monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  return continueToken(monitor, rec, x, Number(RSI_ATTESTATION_TOKEN_CONTINUE))
}

/** As {@link attestationTokenContinue}, for the token that `continuedBy` continues. */
export function continueToken(monitor: Monitor, rec: Rec, x: GeneralRegisters, continuedBy: number): CallResult {
  const ipa = Number(x[1])
  const offset = Number(x[2])
  const size = Number(x[3])
  if (!isAligned(ipa, GRANULE_SIZE)) return rsiInputError()
  if (offset >= GRANULE_SIZE || offset + size > GRANULE_SIZE) return rsiInputError()
  const request = rec.tokens.get(continuedBy)
  if (request === undefined) return rsiStateError()
  const page = findRealmPage(monitor.memory, rec.realm, ipa)
  if (page.kind === 'input') return rsiInputError()
  if (page.kind === 'fault') return page

  request.token ??= request.make()
  const part = request.token.subarray(request.read, request.read + size)
  monitor.memory.granuleBytes(page.granule).set(part, offset)
  request.read += part.length
  if (request.read < request.token.length) return answer(RSI_INCOMPLETE, BigInt(part.length))
  rec.tokens.delete(continuedBy)
  return answer(RSI_SUCCESS, BigInt(part.length))
}
