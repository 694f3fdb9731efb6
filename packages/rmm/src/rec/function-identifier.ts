import type { GeneralRegisters } from '@mica/hw-sim'

/** Hint of the calling convention that the caller has no live SVE state: bit 16 of the function identifier. */
const SVE_HINT = 0x1_0000n

/** The function that an SMC asks for: SMCCC passes it in W0. */
export function functionIdentifier(x: GeneralRegisters): number {
  return Number(x[0]! & 0xffff_ffffn & ~SVE_HINT)
}
