import { encodeLayout, bytes as field, type Layout, layout, u8, u64 } from './layout.ts'
import { encodeRmiRealmParams, type RmiRealmParams } from './realm-params.ts'
import { encodeRmiRecParams, RMI_REC_FLAG_RUNNABLE, type RmiRecParams } from './rec-params.ts'

/** The hash function of a Realm: SHA-256 or SHA-512, as its hash_algo says. */
export type Hash = (bytes: Uint8Array) => Uint8Array

/** Flag of RMI_DATA_CREATE: the contents are measured, not only the place. */
export const RMI_MEASURE_CONTENT = 1n

interface MeasurementDescriptor {
  readonly type: number
  readonly length: bigint
  readonly rim: Uint8Array
  readonly payload: Uint8Array
}

/** RmmMeasurementDescriptor (DEN0137 A7.1.1): a common head, and 0xb0 bytes that depend on its type. */
const DESCRIPTOR: Layout<MeasurementDescriptor> = layout(0x100, {
  type: u8(0x0),
  length: u64(0x8),
  rim: field(0x10, 64),
  payload: field(0x50, 0xb0),
})

const DESCRIPTOR_DATA = 0
const DESCRIPTOR_REC = 1
const DESCRIPTOR_RIPAS = 2

interface DataPayload {
  readonly ipa: bigint
  readonly flags: bigint
  readonly content: Uint8Array
}
const DATA_PAYLOAD: Layout<DataPayload> = layout(0xb0, { ipa: u64(0x0), flags: u64(0x8), content: field(0x10, 64) })

interface RipasPayload {
  readonly base: bigint
  readonly top: bigint
}
const RIPAS_PAYLOAD: Layout<RipasPayload> = layout(0xb0, { base: u64(0x0), top: u64(0x8) })

function extend(rim: Uint8Array, type: number, payload: Uint8Array, hash: Hash): Uint8Array {
  return hash(encodeLayout(DESCRIPTOR, { type, length: 0x100n, rim, payload }))
}

/**
 * The RIM of a Realm just created: the hash of a params page that holds only what is measured. RPV, VMID and tables do
 * not count; flags count with all 64 bits.
 */
export function initialRim(params: Partial<RmiRealmParams>, hash: Hash): Uint8Array {
  const { flags = 0n, s2sz = 0, sve_vl = 0, num_bps = 0, num_wps = 0, pmu_num_ctrs = 0, hash_algo = 0 } = params
  return hash(encodeRmiRealmParams({ flags, s2sz, sve_vl, num_bps, num_wps, pmu_num_ctrs, hash_algo }))
}

/**
 * The RIM after RMI_DATA_CREATE.
 *
 * @param flags All 64 bits of the command's flags.
 * @param content The granule's 4096 bytes, hashed if bit 0 of `flags` is set.
 */
export function extendRimData(
  rim: Uint8Array,
  ipa: number,
  flags: bigint,
  content: Uint8Array,
  hash: Hash,
): Uint8Array {
  const digest = (flags & RMI_MEASURE_CONTENT) === 0n ? new Uint8Array(0) : hash(content)
  return extend(rim, DESCRIPTOR_DATA, encodeLayout(DATA_PAYLOAD, { ipa: BigInt(ipa), flags, content: digest }), hash)
}

/** The RIM after RMI_REC_CREATE: unchanged unless the REC is runnable. MPIDR and auxiliary granules do not count. */
export function extendRimRec(rim: Uint8Array, params: Partial<RmiRecParams>, hash: Hash): Uint8Array {
  const { flags = 0n, pc = 0n, gprs = [] } = params
  if ((flags & RMI_REC_FLAG_RUNNABLE) === 0n) return rim
  return extend(rim, DESCRIPTOR_REC, hash(encodeRmiRecParams({ flags, pc, gprs })), hash)
}

/** The RIM after one RTT entry, [base, top), became RAM before activation. */
export function extendRimRipas(rim: Uint8Array, base: number, top: number, hash: Hash): Uint8Array {
  return extend(rim, DESCRIPTOR_RIPAS, encodeLayout(RIPAS_PAYLOAD, { base: BigInt(base), top: BigInt(top) }), hash)
}

/** A REM after RSI_MEASUREMENT_EXTEND: H(REM || value), without padding. `value` has 0 to 64 bytes. */
export function extendRem(rem: Uint8Array, value: Uint8Array, hash: Hash): Uint8Array {
  const input = new Uint8Array(rem.length + value.length)
  input.set(rem)
  input.set(value, rem.length)
  return hash(input)
}
