/** Hint of the calling convention that the caller has no live SVE state: bit 16 of x0, no part of the function. */
export const SVE_HINT = 0x1_0000n

/** The function identifier of a host's call: what is left of W0 without the hint. */
export function functionOf([x0 = 0n]: readonly bigint[]): bigint {
  return x0 & 0xffff_ffffn & ~SVE_HINT
}
