import { type GeneralRegisters, granuleOffset, isAligned } from '@mica/hw-sim'
import { encodeRsiMicaPolicyStatus, MICA_POLICY_IN_FORCE, MICA_POLICY_STATUS_SIZE } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { type CallResult, rsiInputError, rsiSuccess } from '../rsi/result.ts'
import { findRealmPage } from '../rtt/realm-memory.ts'
import { countMissingRam } from './missing-ram.ts'
import type { MicaState } from './state.ts'

/** Bits of a word of the structure. */
const WORD_BITS = 64

/**
 * Writes what holds of the caller's policy into the RsiMicaPolicyStatus at x1, and clears the notifications that it shows.
 * Without a policy it shows that, and what is there of the rest.
 *
 * @returns `RSI_ERROR_INPUT` if x1 is unaligned or not memory of the Realm; otherwise `RSI_SUCCESS`.
 */
export function policyStatus(state: MicaState, monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const ipa = Number(x[1])
  if (!isAligned(ipa, MICA_POLICY_STATUS_SIZE)) return rsiInputError()
  const page = findRealmPage(monitor.memory, rec.realm, ipa)
  if (page.kind === 'input') return rsiInputError()
  if (page.kind === 'fault') return page
  const known = state.find(rec.realm)
  const status = encodeRsiMicaPolicyStatus({
    flags: known?.frozen === undefined ? 0n : MICA_POLICY_IN_FORCE,
    refusals: BigInt(known?.refusals ?? 0),
    memories: BigInt(known?.frozen?.memories.length ?? 0),
    held: BigInt(known?.held.size ?? 0),
    missing_ram: BigInt(countMissingRam(monitor, rec.realm)),
    digest: known?.frozen?.digest ?? new Uint8Array(0),
    notified: bitsOf(known?.notified ?? []),
  })
  monitor.memory.granuleBytes(page.granule).set(status, granuleOffset(ipa))
  known?.notified.clear()
  return rsiSuccess()
}

/** Memories by their index, a bit for each. A policy has at most 256. */
function bitsOf(memories: Iterable<number>): readonly bigint[] {
  const words = [0n, 0n, 0n, 0n]
  for (const memory of memories) {
    const word = Math.floor(memory / WORD_BITS)
    words[word] = words[word]! | (1n << BigInt(memory % WORD_BITS))
  }
  return words
}
