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

/** The bits of {@link grantedRights} that an access needs. To fetch needs the right to read too. */
export function neededRights(kind: 'read' | 'write' | 'execute'): number {
  if (kind === 'read') return S2AP_READ
  return kind === 'write' ? S2AP_WRITE : S2AP_READ | S2_EXECUTE_NEVER_HIGH
}

/** What a leaf descriptor grants, as one word: S2AP, and the bit of XN the other way round. */
export function grantedRights(low: number, high: number): number {
  return (low & (S2AP_READ | S2AP_WRITE)) | (~high & S2_EXECUTE_NEVER_HIGH)
}

/** Bytes an entry of `level` covers: 4 KiB at level 3, 512 times as much at each level above. */
export function entrySize(level: number): number {
  return 4096 * 512 ** (3 - level)
}

/** The output address of a descriptor, bits 47:12: table, page or block base. */
export function outputAddress(low: number, high: number): number {
  return (high & 0xffff) * 2 ** 32 + ((low & 0xfffff000) >>> 0)
}

/** The low and high words of an output address. */
export function addressWords(address: number): readonly [low: number, high: number] {
  return [(address % 2 ** 32) >>> 0, Math.floor(address / 2 ** 32) & 0xffff]
}

/** Bits 47:32 of an output address, in `high`. */
export const OUTPUT_HIGH = 0xffff

/**
 * The number of the granule a descriptor points to, counted from the start of DRAM, whose address is `baseLow` and
 * `baseHigh`. Below 0, or too large, when it points outside.
 */
export function outputGranule(low: number, high: number, baseLow: number, baseHigh: number): number {
  const granule = (low >>> 12) - (baseLow >>> 12)
  // All but always in the 4 GiB in which DRAM starts: then a page number of 36 bits need not be made.
  if ((high & OUTPUT_HIGH) === baseHigh) return granule
  return ((high & OUTPUT_HIGH) - baseHigh) * 2 ** 20 + granule
}

/**
 * The index into a table of `level` for the address with `high` GiB and the low word `low`, not yet cut to the width of the table:
 * nine bits, or more at a start level of concatenated tables.
 */
export function tableIndex(high: number, low: number, level: number): number {
  switch (level) {
    case 3:
      return low >>> 12
    case 2:
      return (high << 9) | ((low >>> 21) & 0x1ff)
    case 1:
      return high
    default:
      return high >>> 9
  }
}

/** Bits of the index into a start level that has to resolve `ipaBits`: more than nine mean concatenated tables. */
export function tableIndexBits(level: number, ipaBits: number): number {
  return Math.max(0, ipaBits - (12 + 9 * (3 - level)))
}
