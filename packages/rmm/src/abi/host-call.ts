import { decodeLayout, encodeLayout, type Layout, layout, u32, u64s } from './layout.ts'

/** RsiHostCall (DEN0137 B5.4.2): 256 bytes, aligned to their size, through which a Realm calls its host. */
export interface RsiHostCall {
  /** 16 bits in the specification; the recorded firmware hands on 32, and so does this. */
  readonly imm: number
  /** Registers handed to the host, and its answers. */
  readonly gprs: readonly bigint[]
}

/** Size and alignment of the structure in bytes. */
export const RSI_HOST_CALL_SIZE = 0x100

export const RSI_HOST_CALL_LAYOUT: Layout<RsiHostCall> = layout(RSI_HOST_CALL_SIZE, {
  imm: u32(0x0),
  gprs: u64s(0x8, 31),
})

/** The 256 bytes of the structure. Members left out are zero. */
export function encodeRsiHostCall(call: Partial<RsiHostCall>): Uint8Array {
  return encodeLayout(RSI_HOST_CALL_LAYOUT, call)
}

/** Reads the structure. */
export function decodeRsiHostCall(source: Uint8Array): RsiHostCall {
  return decodeLayout(RSI_HOST_CALL_LAYOUT, source)
}
