/**
 * Stage-2 translation table descriptors (Arm ARM D8.3, VMSAv8-64), as two 32-bit words: `low` holds bits 31:0, `high`
 * bits 63:32. The walker knows only the bits that hardware interprets; what software keeps in ignored bits or in
 * invalid descriptors is the monitor's own business.
 */

/** Entries of one translation table, and bytes of one descriptor. */
export const TABLE_ENTRIES = 512
export const DESCRIPTOR_SIZE = 8

/** Bits 1:0 of `low`. */
export const DESCRIPTOR_TYPE = { mask: 0b11, invalid: 0b00, block: 0b01, tableOrPage: 0b11 } as const

/** S2AP, bits 7:6 of `low`: read is bit 6, write is bit 7. */
export const S2AP_READ: number = 1 << 6
export const S2AP_WRITE: number = 1 << 7

/** XN, bit 54: bit 22 of `high`. Set means that instructions may not be fetched. */
export const S2_EXECUTE_NEVER_HIGH: number = 1 << 22

/** NS, bit 55: bit 23 of `high`. Set means that the output address is in the Non-secure physical address space. */
export const S2_NON_SECURE_HIGH: number = 1 << 23

/**
 * The bits of {@link grantedRights} that an access needs. At stage 2 a fetch is checked against XN alone: S2AP is about
 * data accesses (Arm ARM, AArch64.S2CheckPermissions), so memory can be executed that cannot be read.
 */
export function neededRights(kind: 'read' | 'write' | 'execute'): number {
  if (kind === 'read') return S2AP_READ
  return kind === 'write' ? S2AP_WRITE : S2_EXECUTE_NEVER_HIGH
}

/** What a leaf descriptor grants, as one word: S2AP, and the bit of XN the other way round. */
export function grantedRights(low: number, high: number): number {
  return (low & (S2AP_READ | S2AP_WRITE)) | (~high & S2_EXECUTE_NEVER_HIGH)
}

/** Bytes an entry of `level` covers: 4 KiB at level 3, 512 times as much at each level above; 256 TiB at level -1. */
export function entrySize(level: number): number {
  return 4096 * 512 ** (3 - level)
}

/**
 * Where a descriptor keeps bits 51:32 of its output address, by VTCR_EL2.DS (Arm ARM D8.3.1). Without it addresses have
 * 48 bits. With it (FEAT_LPA2) bits 49:48 follow in bits 17:16 of `high`, and bits 51:50 take the place of SH, bits 9:8 of
 * `low`; the shareability of everything is then VTCR_EL2.SH0.
 */
export interface OutputBits {
  readonly high: number
  readonly low: number
}

const OUTPUT_BITS_48: OutputBits = { high: 0xffff, low: 0 }
const OUTPUT_BITS_52: OutputBits = { high: 0x3_ffff, low: 0b11 << 8 }

/** SH, bits 9:8, of descriptors that do not hold address bits there: inner shareable. */
export const S2_INNER_SHAREABLE: number = 0b11 << 8

/** From bits 9:8 of `low` to bits 19:18 of what {@link outputHigh} makes. */
const TOP_SHIFT = 10

/** The bits that descriptors with VTCR_EL2.DS set, or clear, have for addresses. */
export function outputBits(lpa2: boolean): OutputBits {
  return lpa2 ? OUTPUT_BITS_52 : OUTPUT_BITS_48
}

/** Bits 51:32 of an output address. */
export function outputHigh(low: number, high: number, bits: OutputBits): number {
  return (high & bits.high) | ((low & bits.low) << TOP_SHIFT)
}

/** The output address of a descriptor: table, page or block base. */
export function outputAddress(low: number, high: number, lpa2: boolean): number {
  return outputHigh(low, high, outputBits(lpa2)) * 2 ** 32 + ((low & 0xfffff000) >>> 0)
}

/** The low and high words of a descriptor that hold an output address, below 2^48 or 2^52. */
export function addressWords(address: number, lpa2: boolean): readonly [low: number, high: number] {
  const bits = outputBits(lpa2)
  const upper = Math.floor(address / 2 ** 32)
  return [((address % 2 ** 32) | ((upper >>> TOP_SHIFT) & bits.low)) >>> 0, upper & bits.high]
}

/**
 * The number of the granule at an output address, given by bits 31:0 and {@link outputHigh}, counted from the start of
 * DRAM, whose address is `baseLow` and `baseHigh`. Below 0, or too large, when it points outside.
 */
export function outputGranule(low: number, upper: number, baseLow: number, baseHigh: number): number {
  const granule = (low >>> 12) - (baseLow >>> 12)
  // All but always in the 4 GiB in which DRAM starts: then a page number of 40 bits need not be made.
  return upper === baseHigh ? granule : (upper - baseHigh) * 2 ** 20 + granule
}

/**
 * The index into a table of `level` for the address in the 2 MiB numbered `block` and with the low word `low`, not yet cut
 * to the width of the table: nine bits, or more at a start level of concatenated tables.
 */
export function tableIndex(block: number, low: number, level: number): number {
  switch (level) {
    case 3:
      return low >>> 12
    case 2:
      return block
    case 1:
      return block >>> 9
    case 0:
      return block >>> 18
    default:
      return block >>> 27
  }
}

/** Bits of the index into a start level that has to resolve `ipaBits`: more than nine mean concatenated tables. */
export function tableIndexBits(level: number, ipaBits: number): number {
  return Math.max(0, ipaBits - (12 + 9 * (3 - level)))
}
