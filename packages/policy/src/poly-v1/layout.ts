import { DEFAULT_LIMITS, type PolicyLimits } from '../limits.ts'
import type { MemoryKind, Policy, TransitionAction, TransitionClass } from '../model.ts'

/**
 * `POLY` version 1, the binary policy of the paper's prototype. Little-endian throughout:
 *
 * ```
 * header        u32 magic, u16 version, u16 self, u16 peers, u16 memories, u16 control flows, u16 zero
 * peer          char name[4], u32 label, u8 gateway, u8 strict, u16 zero
 * memory        char name[4], u64 bytes, u16 kind, u16 mappings; then its mappings
 * mapping       u16 peer or 0xffff for any, u16 rights, u64 guest address, i32 count of any, u32 zero
 * control flow  char name[4], u16 owner, u16 type, u16 action, u16 values; then u32 values
 * ```
 *
 * Names are padded with zeros. All peers follow the header, then all memories, then all control flows.
 */
export const POLY_MAGIC = 0x504f_4c59

export const POLY_VERSION = 1

/** A mapping of `any`. */
export const ANY_INDEX = 0xffff

/** The count of an `any` without limit. */
export const UNLIMITED = -1

/** Bytes of each record, without the records or values that belong to it. */
export const RECORD_BYTES = { header: 16, peer: 12, memory: 16, mapping: 20, flow: 12, value: 4 } as const

/** Bytes of a name. */
export const POLY_NAME_BYTES = 4

/** Entries of each list: peers, memories, mappings of one memory, control flows, values of one control flow. */
export const POLY_ENTRIES = 8

const { header, peer, memory, mapping, flow, value } = RECORD_BYTES

/** The limits of `POLY` v1; addresses are guest addresses as they are, below 2^48. */
export const POLY_LIMITS: PolicyLimits = {
  blobBytes: header + POLY_ENTRIES * (peer + memory + POLY_ENTRIES * mapping + flow + POLY_ENTRIES * value),
  peers: POLY_ENTRIES,
  memories: POLY_ENTRIES,
  transitions: POLY_ENTRIES,
  halfGranules: 2 ** 36,
}

/**
 * The limits of a policy before it is encoded: those of format 2, but for its addresses, which are guest addresses where
 * a label says that it is meant for `POLY` v1.
 */
export function limitsFor({ peers }: Pick<Policy, 'peers'>): PolicyLimits {
  const labelled = peers.some(({ label }) => label !== undefined)
  return labelled ? { ...DEFAULT_LIMITS, halfGranules: POLY_LIMITS.halfGranules } : DEFAULT_LIMITS
}

/** Numbers of the words of the model; what is missing here, v1 cannot say. */
export const POLY_KIND: Readonly<Record<MemoryKind, number>> = { protected: 1, unprotected: 2 }
export const POLY_CLASS: Partial<Readonly<Record<TransitionClass, number>>> = { call: 1, exception: 2 }
export const POLY_ACTION: Partial<Readonly<Record<TransitionAction, number>>> = { block: 1, allow: 2 }

/** The name of a control flow: they have none in the model, so it follows from the place. */
export function flowName(index: number): string {
  return `CF${index + 1}`
}

/** The label of a measured peer: the first four bytes of its measurement as a little-endian number. */
export function labelOfRim(rim: Uint8Array): number {
  return new DataView(rim.buffer, rim.byteOffset, rim.byteLength).getUint32(0, true)
}
