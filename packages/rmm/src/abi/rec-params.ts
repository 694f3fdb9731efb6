import { decodeLayout, encodeLayout, type Layout, layout, u64, u64s } from './layout.ts'

/** RmiRecParams (DEN0137 B4.4.15): what the host says of a REC that it creates. One granule of Non-secure memory. */
export interface RmiRecParams {
  /** Bit 0: runnable at once. */
  readonly flags: bigint
  /** Aff0 in bits 3:0, Aff1 in 15:8, Aff2 in 23:16, Aff3 in 31:24. */
  readonly mpidr: bigint
  /** Initial program counter. */
  readonly pc: bigint
  /** Initial x0 to x7. */
  readonly gprs: readonly bigint[]
  readonly num_aux: bigint
  /** Physical addresses of auxiliary granules, 16 places. */
  readonly aux: readonly bigint[]
}

/** RmiRecCreateFlags. */
export const RMI_REC_FLAG_RUNNABLE = 1n

/** Auxiliary granules that this monitor wants for each REC, as the recorded firmware does. */
export const REC_AUX_COUNT = 16

export const RMI_REC_PARAMS: Layout<RmiRecParams> = layout(4096, {
  flags: u64(0x0),
  mpidr: u64(0x100),
  pc: u64(0x200),
  gprs: u64s(0x300, 8),
  num_aux: u64(0x800),
  aux: u64s(0x808, 16),
})

/** The 4096 bytes of a params page. Members left out are zero. */
export function encodeRmiRecParams(params: Partial<RmiRecParams>): Uint8Array {
  return encodeLayout(RMI_REC_PARAMS, params)
}

/** Reads a params page, which has been copied. */
export function decodeRmiRecParams(page: Uint8Array): RmiRecParams {
  return decodeLayout(RMI_REC_PARAMS, page)
}
