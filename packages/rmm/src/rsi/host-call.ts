import { type GeneralRegisters, granuleOffset, isAligned } from '@mica/hw-sim'
import {
  decodeRsiHostCall,
  RMI_EXIT_HOST_CALL,
  RSI_HOST_CALL,
  RSI_HOST_CALL_LAYOUT,
  RSI_HOST_CALL_SIZE,
} from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { findRealmPage, type RealmPage } from '../rtt/realm-memory.ts'
import { type CallResult, rsiInputError } from './result.ts'

/**
 * Calls the host: it sees immediate and registers of the structure at x1, and its answers are written there.
 *
 * @returns `RSI_ERROR_INPUT` if x1 is unaligned or not memory of the Realm; otherwise, when the host has answered,
 *   `RSI_SUCCESS`.
 * @see DEN0137 RSI_HOST_CALL
 */
export function hostCall(monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const ipa = Number(x[1])
  if (!isAligned(ipa, RSI_HOST_CALL_SIZE)) return rsiInputError()
  const page = findRealmPage(monitor.memory, rec.realm, ipa)
  if (page.kind === 'input') return rsiInputError()
  if (page.kind === 'fault') return page
  const offset = granuleOffset(ipa)
  const { imm, gprs } = decodeRsiHostCall(
    monitor.memory.granuleBytes(page.granule).slice(offset, offset + RSI_HOST_CALL_SIZE),
  )
  return {
    kind: 'exit',
    exit: { class: 'call', id: Number(RSI_HOST_CALL), record: { exit_reason: RMI_EXIT_HOST_CALL, imm, gprs } },
    // Its answer comes with the host's.
    x0: x[0]!,
    pending: { kind: 'host-call', ipa, discard: false },
  }
}

/**
 * Writes the host's answers into the structure, if its page is still there.
 *
 * @returns Where the page is, or why it is not: the host may have taken it in between.
 */
export function completeHostCall(monitor: Monitor, rec: Rec, ipa: number, answers: readonly bigint[]): RealmPage {
  const page = findRealmPage(monitor.memory, rec.realm, ipa)
  if (page.kind !== 'ram') return page
  const { gprs } = RSI_HOST_CALL_LAYOUT.fields
  const bytes = monitor.memory.granuleBytes(page.granule)
  gprs.write(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), granuleOffset(ipa) + gprs.offset, answers)
  return page
}
