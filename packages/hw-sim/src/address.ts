/**
 * Addresses and granule numbers: branded numbers, and every bit operation the simulator does on them.
 *
 * A 52-bit address fits a double exactly, so addresses are numbers; the shift operators of the language truncate to
 * 32 bits, so no other file uses them on an address.
 */

declare const physicalAddress: unique symbol
declare const ipa: unique symbol

/** A byte address of physical memory. */
export type PhysicalAddress = number & { readonly [physicalAddress]: true }

/** An intermediate physical address: what a Realm calls a physical address, before stage 2. */
export type Ipa = number & { readonly [ipa]: true }

/** The number of a granule, counted from the start of DRAM: small, dense, and what every table is indexed by. */
export type GranuleIndex = number

/** Bytes in a granule, the unit in which memory is given to a world and protected. */
export const GRANULE_SIZE = 4096

/** Addresses above this cannot be named by any translation regime of the architecture (52 bits). */
const ADDRESS_LIMIT = 2 ** 52

/**
 * Converts a register to an address.
 *
 * @returns `undefined` when the value is not below 2^52, so that a command can answer with its input error.
 */
export function toPhysicalAddress(register: bigint): PhysicalAddress | undefined {
  const address = Number(register)
  return address < ADDRESS_LIMIT ? (address as PhysicalAddress) : undefined
}

/** As {@link toPhysicalAddress}, for an intermediate physical address. */
export function toIpa(register: bigint): Ipa | undefined {
  const address = Number(register)
  return address < ADDRESS_LIMIT ? (address as Ipa) : undefined
}

/** Names a number known to be a physical address. */
export function physicalAddressOf(address: number): PhysicalAddress {
  return address as PhysicalAddress
}

/** Names a number known to be an intermediate physical address. */
export function ipaOf(address: number): Ipa {
  return address as Ipa
}

/** The address `bytes` further on. */
export function addOffset<A extends PhysicalAddress | Ipa>(address: A, bytes: number): A {
  return (address + bytes) as A
}

/** Whether `address` is a multiple of `size` bytes. */
export function isAligned(address: number, size: number): boolean {
  return address % size === 0
}

/** The first address of the granule that holds `address`. */
export function granuleBase<A extends PhysicalAddress | Ipa>(address: A): A {
  return (address - (address % GRANULE_SIZE)) as A
}

/** The offset of `address` within its granule, in bytes. */
export function granuleOffset(address: number): number {
  // Exact for any address: the low twelve bits survive the truncation to 32. A remainder of doubles takes 15 ns more.
  return address & (GRANULE_SIZE - 1)
}

/** Bits 31:0 of `address`, as the shift operators take them (the sign bit is bit 31): exact for a 53-bit integer. */
export function lowWord(address: number): number {
  return address | 0
}

/** Bytes from `address` to the end of its granule. */
export function restOfGranule(address: number): number {
  return GRANULE_SIZE - granuleOffset(address)
}

/** Renders an address as the field writes it: `0x8000_0000`. */
export function formatAddress(address: number): string {
  const digits = address.toString(16)
  const groups: string[] = []
  for (let end = digits.length; end > 0; end -= 4) groups.unshift(digits.slice(Math.max(0, end - 4), end))
  return `0x${groups.join('_')}`
}
