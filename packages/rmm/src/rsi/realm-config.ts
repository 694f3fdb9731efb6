import { type GeneralRegisters, GRANULE_SIZE, isAligned } from '@mica/hw-sim'
import { encodeRsiRealmConfig, RSI_REALM_CONFIG_LAYOUT } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { findRealmPage } from '../rtt/realm-memory.ts'
import { type CallResult, rsiInputError, rsiSuccess } from './result.ts'

/**
 * Writes the Realm's configuration into a page of its own.
 *
 * @returns `RSI_ERROR_INPUT` if x1 is unaligned or not memory of the Realm; otherwise `RSI_SUCCESS`.
 * @see DEN0137 RSI_REALM_CONFIG
 */
export function realmConfig(monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const ipa = Number(x[1])
  if (!isAligned(ipa, GRANULE_SIZE)) return rsiInputError()
  const page = findRealmPage(monitor.memory, rec.realm, ipa)
  if (page.kind === 'input') return rsiInputError()
  if (page.kind === 'fault') return page
  const { ipaBits, hashAlgorithm, rpv } = rec.realm.identity
  const config = encodeRsiRealmConfig({ ipa_width: BigInt(ipaBits), hash_algo: hashAlgorithm, rpv })
  const bytes = monitor.memory.granuleBytes(page.granule)
  // What else the page holds stays: the recorded firmware writes the fields, not the whole structure.
  for (const { offset, size } of Object.values(RSI_REALM_CONFIG_LAYOUT.fields)) {
    bytes.set(config.subarray(offset, offset + size), offset)
  }
  return rsiSuccess()
}
