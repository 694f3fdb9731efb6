/** How recordings write values. */

export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`
}

export function hexBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'))
}

/** Registers as recordings list them: zeroes at the end are left out. */
export function trimmed(registers: ArrayLike<bigint>): string[] {
  const all = Array.from(registers)
  return all.slice(0, all.findLastIndex((value) => value !== 0n) + 1).map(hex)
}
