import { bytes, decodeLayout, encodeLayout, type Layout, layout, u8, u64 } from './layout.ts'

/** RsiRealmConfig (DEN0137 B5.4.4): what RSI_REALM_CONFIG writes into a granule of the Realm. */
export interface RsiRealmConfig {
  /** Width of the IPA space in bits. The upper half of it is unprotected. */
  readonly ipa_width: bigint
  /** As in {@link RmiRealmParams.hash_algo}. */
  readonly hash_algo: number
  /** Realm personalization value, 64 bytes. */
  readonly rpv: Uint8Array
}

export const RSI_REALM_CONFIG_LAYOUT: Layout<RsiRealmConfig> = layout(4096, {
  ipa_width: u64(0x0),
  hash_algo: u8(0x8),
  rpv: bytes(0x200, 64),
})

/** The 4096 bytes of the structure. */
export function encodeRsiRealmConfig(config: RsiRealmConfig): Uint8Array {
  return encodeLayout(RSI_REALM_CONFIG_LAYOUT, config)
}

/** Reads the structure. */
export function decodeRsiRealmConfig(page: Uint8Array): RsiRealmConfig {
  return decodeLayout(RSI_REALM_CONFIG_LAYOUT, page)
}
