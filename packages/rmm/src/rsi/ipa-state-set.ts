import { type GeneralRegisters, GRANULE_SIZE, isAligned } from '@mica/hw-sim'
import {
  RIPAS_RAM,
  RMI_ENTER_RIPAS_REJECT,
  RMI_EXIT_RIPAS_CHANGE,
  type RmiRecEnter,
  RSI_ACCEPT,
  RSI_IPA_STATE_SET,
  RSI_REJECT,
  RSI_SUCCESS,
} from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { type CallResult, rsiInputError, writeResult } from './result.ts'

/** A change of RIPAS that a Realm has asked for and its host has not finished. */
export interface RipasChange {
  readonly base: number
  readonly top: number
  /** What has been done ends here: where RMI_RTT_SET_RIPAS goes on. */
  readonly next: number
  readonly ripas: number
  /** Whether memory that the host has destroyed may change too. */
  readonly changeDestroyed: boolean
}

/** RsiRipasChangeFlags: the value that means that destroyed memory may change. */
const CHANGE_DESTROYED = 1n

/**
 * Asks the host to make the protected addresses [x1, x2) RAM or empty, x3; with flag 1 in x4 also those that it has
 * destroyed.
 *
 * @returns `RSI_ERROR_INPUT` if the range is empty, unaligned, not in the protected half or not all the Realm's own, or x3
 *   is no RIPAS that a Realm may ask for; otherwise, when the host has entered the REC again, `RSI_SUCCESS`, with the
 *   address up to which it was done in x1, and in x2 whether the host refused the rest.
 * @see DEN0137 RSI_IPA_STATE_SET
 */
export function ipaStateSet(monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const base = Number(x[1])
  const top = Number(x[2])
  // The recorded firmware looks at the lower words only: a flag value of 2 or 3 is no flag 1 to it, 2^32 + 1 is.
  const ripas = Number(BigInt.asUintN(32, x[3]!))
  const changeDestroyed = BigInt.asUintN(32, x[4]!) === CHANGE_DESTROYED
  if (ripas > RIPAS_RAM) return rsiInputError()
  if (top <= base || !isAligned(base, GRANULE_SIZE) || !isAligned(top, GRANULE_SIZE)) return rsiInputError()
  if (top > rec.realm.ipaLimit / 2) return rsiInputError()
  if (monitor.extension?.sharesMemory(rec.realm, base, top) === true) return rsiInputError()
  const record = {
    exit_reason: RMI_EXIT_RIPAS_CHANGE,
    ripas_base: BigInt(base),
    ripas_top: BigInt(top),
    ripas_value: ripas,
  }
  return {
    kind: 'exit',
    exit: { class: 'call', id: Number(RSI_IPA_STATE_SET), record },
    x0: RSI_SUCCESS,
    pending: { kind: 'ripas-change', base, top, next: base, ripas, changeDestroyed, discard: false },
  }
}

/**
 * Tells the Realm how far its change has come; nothing more is done for it. Empty is what a host cannot refuse.
 *
 * @param enter What the host says about the rest; nothing if it did not see the request.
 */
export function completeRipasChange(
  x: GeneralRegisters,
  { next, top, ripas }: RipasChange,
  enter: RmiRecEnter | undefined,
): void {
  const rejected = enter !== undefined && (enter.flags & RMI_ENTER_RIPAS_REJECT) !== 0n
  const response = rejected && ripas === RIPAS_RAM && next !== top ? RSI_REJECT : RSI_ACCEPT
  writeResult(x, RSI_SUCCESS, [BigInt(next), response])
}
