/** General registers x0 to x30: 64-bit values, as the architecture has them. */
export type GeneralRegisters = BigUint64Array

export const GENERAL_REGISTER_COUNT = 31

/** Fresh general registers, all zero. */
export function createRegisters(): GeneralRegisters {
  return new BigUint64Array(GENERAL_REGISTER_COUNT)
}

/** Renders a register in hexadecimal: `0xc4000150`. */
export function formatRegister(value: bigint): string {
  return `0x${value.toString(16)}`
}
