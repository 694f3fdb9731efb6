/**
 * What software can find out about the PEs of a machine: identification registers, by the architecture's names, as
 * they read at EL2. A platform is chosen by giving some of them to `MachineOptions.identification`; the monitor derives
 * every limit from these and from nothing else.
 *
 * Fields that count, by register (Arm ARM D24.2, Arm IHI 0069 12.4.9); all others are ignored.
 */
export interface IdentificationRegisters {
  /**
   * PARange, bits 3:0 (0 to 6: 32, 36, 40, 42, 44, 48, 52 bits of physical address). TGran4, bits 31:28 (1: stage 1 has
   * 52-bit addresses with 4 KiB granules, FEAT_LPA2). TGran4_2, bits 43:40 (0: stage 2 as stage 1; 2: without; 3: with).
   */
  readonly ID_AA64MMFR0_EL1: bigint
  /** VMIDBits, bits 7:4 (0: 8 bits, 2: 16 bits). */
  readonly ID_AA64MMFR1_EL1: bigint
  /**
   * PMUVer, bits 11:8 (0: none, 7: PMUv3p7, 15: not Arm's). BRPs, bits 15:12, and WRPs, bits 23:20: breakpoints and
   * watchpoints minus one, or 15 for 16 and more. CTX_CMPs, bits 31:28, minus one. HPMN0, bits 63:60 (1: a guest may have
   * no event counter at all).
   */
  readonly ID_AA64DFR0_EL1: bigint
  /** BRPs, bits 15:8, and WRPs, bits 23:16: the counts minus one where ID_AA64DFR0_EL1 has no room; 0 means 16. */
  readonly ID_AA64DFR1_EL1: bigint
  /** SVE, bits 35:32 (0: none). */
  readonly ID_AA64PFR0_EL1: bigint
  /** N, bits 15:11: event counters. */
  readonly PMCR_EL0: bigint
  /**
   * ListRegs, bits 4:0, minus one. IDbits, bits 25:23 (0: virtual interrupt numbers have 16 bits, 1: 24). PRIbits, bits
   * 31:29: implemented bits of virtual priorities, minus one.
   */
  readonly ICH_VTR_EL2: bigint
  /** ExtRange, bit 19: there are extended interrupt numbers, 1056 to 1119 and 4096 to 5119. */
  readonly ICC_CTLR_EL1: bigint
  /**
   * The largest value that ZCR_EL2.LEN keeps: the longest SVE vector in units of 128 bits, minus one. Software finds it by
   * writing 15 and reading back. Means nothing without SVE.
   */
  readonly ZCR_EL2: bigint
}

/** The platform that the monitor's reference recordings were made on: 48-bit addresses, LPA2, no SVE. */
export const DEFAULT_IDENTIFICATION: IdentificationRegisters = {
  ID_AA64MMFR0_EL1: 0x1000_0005n,
  ID_AA64MMFR1_EL1: 0n,
  ID_AA64DFR0_EL1: 0x0010_1700n,
  ID_AA64DFR1_EL1: 0n,
  ID_AA64PFR0_EL1: 0n,
  PMCR_EL0: 0xf800n,
  ICH_VTR_EL2: 0x9400_0000n,
  ICC_CTLR_EL1: 0n,
  ZCR_EL2: 0n,
}

/** The field of a register in bits `low + width - 1` to `low`. At most 32 bits wide. */
export function registerField(register: bigint, low: number, width: number): number {
  return Number((register >> BigInt(low)) & ((1n << BigInt(width)) - 1n))
}
