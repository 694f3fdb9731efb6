import { entrySize, outputBits } from '@mica/hw-sim'
import { NS_ATTRIBUTES } from './entry.ts'

/** Non-secure memory as a host describes it. */
export interface HostMemory {
  readonly address: number
  /** MemAttr and S2AP at their places in a descriptor. */
  readonly attributes: number
}

/** MemAttr 4 is reserved with FEAT_S2FWB. */
const RESERVED_MEMORY_ATTRIBUTE = 4

/** Bits 51:50 of an address have a place of their own in wide descriptors, bits 9:8; the others are where they are. */
const TOP_BITS = 2 ** 50
const TOP_POSITION = 8

/**
 * Reads the descriptor of a page or block that a host wants mapped: address, MemAttr and S2AP, each at its place in a
 * descriptor of the Realm's tables. Where the address is, the host answers for; it may be outside DRAM.
 *
 * @returns `undefined` if other bits are set, the address is unaligned to `level`, or MemAttr has the reserved value.
 */
export function parseHostDescriptor(descriptor: number, level: number, lpa2: boolean): HostMemory | undefined {
  if (descriptor >= (lpa2 ? TOP_BITS : 2 ** 48)) return undefined
  // At most the low 30 bits, so the shift operators are safe on it.
  const low = descriptor % entrySize(level)
  const top = low & outputBits(lpa2).low
  const attributes = low & NS_ATTRIBUTES
  if (low !== (top | attributes)) return undefined
  if (((attributes >> 2) & 0b111) === RESERVED_MEMORY_ATTRIBUTE) return undefined
  return { address: descriptor - low + (top >> TOP_POSITION) * TOP_BITS, attributes }
}

/** The descriptor that {@link parseHostDescriptor} reads as this memory. */
export function hostDescriptor({ address, attributes }: HostMemory): number {
  const top = Math.floor(address / TOP_BITS)
  return (address % TOP_BITS) + top * 2 ** TOP_POSITION + attributes
}
