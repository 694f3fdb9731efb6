import { bytes, decodeLayout, encodeLayout, type Layout, layout, u64, u64s } from './layout.ts'

/** RsiMicaPolicyStatus: what RSI_MICA_POLICY_STATUS writes into memory of the Realm. */
export interface RsiMicaPolicyStatus {
  /** {@link MICA_POLICY_IN_FORCE}, or 0. */
  readonly flags: bigint
  /** Uploads that were refused. */
  readonly refusals: bigint
  /** Protected memories of the policy that the Realm has a place in, and those that it holds now. */
  readonly memories: bigint
  readonly held: bigint
  /** Pages that are declared RAM and have none: once a policy is in force nothing else tells the host of them. */
  readonly missing_ram: bigint
  /** Digest of the policy, by the Realm's hash algorithm; zero after its last byte. */
  readonly digest: Uint8Array
  /** A bit for every memory of the policy, from bit 0 of the first word on: what has been notified since the last read. */
  readonly notified: readonly bigint[]
}

/** Bytes of the structure, which its address is a multiple of. */
export const MICA_POLICY_STATUS_SIZE = 0x100

/** Flag: a policy is in force. */
export const MICA_POLICY_IN_FORCE = 1n

const LAYOUT: Layout<RsiMicaPolicyStatus> = layout(MICA_POLICY_STATUS_SIZE, {
  flags: u64(0x0),
  refusals: u64(0x8),
  memories: u64(0x10),
  held: u64(0x18),
  missing_ram: u64(0x20),
  digest: bytes(0x40, 64),
  notified: u64s(0x80, 4),
})

/** The 256 bytes of the structure. */
export function encodeRsiMicaPolicyStatus(status: RsiMicaPolicyStatus): Uint8Array {
  return encodeLayout(LAYOUT, status)
}

/** Reads the structure. */
export function decodeRsiMicaPolicyStatus(source: Uint8Array): RsiMicaPolicyStatus {
  return decodeLayout(LAYOUT, source)
}
