import { type GeneralRegisters, GRANULE_SIZE, isAligned, SYSREG } from '@mica/hw-sim'
import { PHYSICAL_INTERRUPT } from '@mica/policy'
import { RMI_EXIT_IRQ, RSI_ATTESTATION_TOKEN_CONTINUE, RSI_INCOMPLETE, RSI_SUCCESS } from '../abi/index.ts'
import { realmClaims } from '../attestation/realm-token.ts'
import { createTokenRequest, signStep } from '../attestation/token-request.ts'
import { invariant } from '../invariant.ts'
import type { Monitor } from '../monitor.ts'
import { NOTHING_PENDING, type Rec } from '../rec/rec.ts'
import { findRealmPage } from '../rtt/realm-memory.ts'
import { answer, type CallResult, rsiInputError, rsiStateError, rsiSuccess, writeResult } from './result.ts'
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
 * @returns In order: `RSI_ERROR_INPUT` if x1 is unaligned, the part does not lie in one page, or the page is not
 *   protected; `RSI_ERROR_STATE` if no token was begun or it is complete; `RSI_INCOMPLETE` with nothing written if a
 *   physical interrupt arrives while the token is signed; `RSI_ERROR_INPUT` if the page is not RAM of the Realm;
 *   `RSI_INCOMPLETE` or, with the token's last byte, `RSI_SUCCESS`, with the bytes written in x1.
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
  if (!rec.realm.isProtected(ipa)) return rsiInputError()
  const request = rec.tokens.get(continuedBy)
  if (request === undefined) return rsiStateError()
  const page = findRealmPage(monitor.memory, rec.realm, ipa)
  // The recorded firmware finds a bad page only when it writes: the interrupt that comes while it signs is first.
  const isDisturbed = request.token === undefined && isInterruptPending(rec)
  if (page.kind === 'input' && !isDisturbed) return rsiInputError()
  while (request.token === undefined) {
    signStep(request)
    if (isDisturbed) return interrupted(x)
  }
  if (page.kind === 'fault') return page
  invariant(page.kind === 'ram', 'a token that is signed without an interrupt has a page to go to')

  const part = request.token.subarray(request.read, request.read + size)
  monitor.memory.granuleBytes(page.granule).set(part, offset)
  request.read += part.length
  if (request.read < request.token.length) return answer(RSI_INCOMPLETE, BigInt(part.length))
  rec.tokens.delete(continuedBy)
  return answer(RSI_SUCCESS, BigInt(part.length))
}

/** The host gets its interrupt first; the Realm, having got nothing, calls again. */
function interrupted(x: GeneralRegisters): CallResult {
  return {
    kind: 'exit',
    exit: { class: 'interrupt', id: PHYSICAL_INTERRUPT, record: { exit_reason: RMI_EXIT_IRQ } },
    x0: RSI_INCOMPLETE,
    pending: NOTHING_PENDING,
    commit: () => writeResult(x, RSI_INCOMPLETE, [0n]),
  }
}

/** ISR_EL1: a physical interrupt waits while the monitor works for this REC. */
function isInterruptPending({ guest }: Rec): boolean {
  return guest !== undefined && guest.system[SYSREG.ISR_EL1] !== 0n
}
