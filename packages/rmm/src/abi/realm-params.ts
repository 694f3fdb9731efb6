import { bytes, decodeLayout, encodeLayout, type Layout, layout, s64, u8, u16, u32, u64 } from './layout.ts'

/**
 * RmiRealmParams (DEN0137 B4.4.12): what the host says of a Realm that it creates. One granule of Non-secure memory.
 *
 * Five counts are 64 bits wide in the specification; the recorded firmware reads their lower 32, and so does this.
 */
export interface RmiRealmParams {
  /** Bit 0 LPA2, bit 1 SVE, bit 2 PMU; bit 63 (Mica): a refused policy ends the Realm. */
  readonly flags: bigint
  /** Width of the IPA space in bits. */
  readonly s2sz: number
  readonly sve_vl: number
  readonly num_bps: number
  readonly num_wps: number
  readonly pmu_num_ctrs: number
  /** {@link RMI_HASH_SHA_256} or {@link RMI_HASH_SHA_512}. */
  readonly hash_algo: number
  /** Realm personalization value, 64 bytes. Not measured. */
  readonly rpv: Uint8Array
  readonly vmid: number
  /** Physical address of the first start-level table. */
  readonly rtt_base: bigint
  readonly rtt_level_start: bigint
  /** Number of concatenated start-level tables. */
  readonly rtt_num_start: number
}

/** RmiHashAlgorithm. */
export const RMI_HASH_SHA_256 = 0
export const RMI_HASH_SHA_512 = 1

/** RmiRealmFlags. */
export const RMI_REALM_FLAG_LPA2 = 1n
export const RMI_REALM_FLAG_SVE = 2n
export const RMI_REALM_FLAG_PMU = 4n

export const RMI_REALM_PARAMS: Layout<RmiRealmParams> = layout(4096, {
  flags: u64(0x0),
  s2sz: u32(0x8),
  sve_vl: u32(0x10),
  num_bps: u32(0x18),
  num_wps: u32(0x20),
  pmu_num_ctrs: u32(0x28),
  hash_algo: u8(0x30),
  rpv: bytes(0x400, 64),
  vmid: u16(0x800),
  rtt_base: u64(0x808),
  rtt_level_start: s64(0x810),
  rtt_num_start: u32(0x818),
})

/** The 4096 bytes of a params page. Members left out are zero. */
export function encodeRmiRealmParams(params: Partial<RmiRealmParams>): Uint8Array {
  return encodeLayout(RMI_REALM_PARAMS, params)
}

/** Reads a params page, which has been copied. */
export function decodeRmiRealmParams(page: Uint8Array): RmiRealmParams {
  return decodeLayout(RMI_REALM_PARAMS, page)
}
