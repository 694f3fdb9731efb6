import { decodeLayout, encodeLayout, type Layout, layout, u8, u32, u64, u64s } from './layout.ts'

/**
 * RmiRecRun (DEN0137 B4.4.18): one granule of Non-secure memory through which the host and a REC talk. The first half
 * is RmiRecEnter, read once at entry; the second, from {@link REC_EXIT_OFFSET}, is RmiRecExit, written once at exit.
 */
export interface RmiRecEnter {
  /** See the RMI_ENTER_* bits. */
  readonly flags: bigint
  /** Answers to a host call, or a value for an emulated load in gprs[0]. */
  readonly gprs: readonly bigint[]
  readonly gicv3_hcr: bigint
  readonly gicv3_lrs: readonly bigint[]
}

/** RmiRecEnterFlags. */
export const RMI_ENTER_EMUL_MMIO = 1n
export const RMI_ENTER_INJECT_SEA = 2n
export const RMI_ENTER_TRAP_WFI = 4n
export const RMI_ENTER_TRAP_WFE = 8n
export const RMI_ENTER_RIPAS_REJECT = 16n

/** What the host sees of an exit. */
export interface RmiRecExit {
  /** See the RMI_EXIT_* constants. */
  readonly exit_reason: number
  readonly esr: bigint
  readonly far: bigint
  readonly hpfar: bigint
  readonly gprs: readonly bigint[]
  readonly gicv3_hcr: bigint
  readonly gicv3_lrs: readonly bigint[]
  readonly gicv3_misr: bigint
  readonly gicv3_vmcr: bigint
  readonly cntp_ctl: bigint
  readonly cntp_cval: bigint
  readonly cntv_ctl: bigint
  readonly cntv_cval: bigint
  readonly ripas_base: bigint
  readonly ripas_top: bigint
  readonly ripas_value: number
  /** Immediate of a host call. */
  readonly imm: number
  readonly pmu_ovf_status: number
}

/** RmiRecExitReason. */
export const RMI_EXIT_SYNC = 0
export const RMI_EXIT_IRQ = 1
export const RMI_EXIT_FIQ = 2
export const RMI_EXIT_PSCI = 3
export const RMI_EXIT_RIPAS_CHANGE = 4
export const RMI_EXIT_HOST_CALL = 5
export const RMI_EXIT_SERROR = 6

/** Where RmiRecExit begins in the run page, and the size of each half. */
export const REC_EXIT_OFFSET = 0x800

const exitReasonNames = ['SYNC', 'IRQ', 'FIQ', 'PSCI', 'RIPAS_CHANGE', 'HOST_CALL', 'SERROR']

/** The specification's name of an exit reason, without its prefix. */
export function exitReasonName(reason: number): string {
  return exitReasonNames[reason] ?? `exit ${reason}`
}

export const RMI_REC_ENTER_LAYOUT: Layout<RmiRecEnter> = layout(REC_EXIT_OFFSET, {
  flags: u64(0x0),
  gprs: u64s(0x200, 31),
  gicv3_hcr: u64(0x300),
  gicv3_lrs: u64s(0x308, 16),
})

export const RMI_REC_EXIT_LAYOUT: Layout<RmiRecExit> = layout(REC_EXIT_OFFSET, {
  exit_reason: u8(0x0),
  esr: u64(0x100),
  far: u64(0x108),
  hpfar: u64(0x110),
  gprs: u64s(0x200, 31),
  gicv3_hcr: u64(0x300),
  gicv3_lrs: u64s(0x308, 16),
  gicv3_misr: u64(0x388),
  gicv3_vmcr: u64(0x390),
  cntp_ctl: u64(0x400),
  cntp_cval: u64(0x408),
  cntv_ctl: u64(0x410),
  cntv_cval: u64(0x418),
  ripas_base: u64(0x500),
  ripas_top: u64(0x508),
  ripas_value: u8(0x510),
  imm: u32(0x600),
  pmu_ovf_status: u32(0x700),
})

/** The first half of a run page, 2048 bytes. Members left out are zero. */
export function encodeRmiRecEnter(enter: Partial<RmiRecEnter>): Uint8Array {
  return encodeLayout(RMI_REC_ENTER_LAYOUT, enter)
}

/** Reads the first half of a run page. */
export function decodeRmiRecEnter(half: Uint8Array): RmiRecEnter {
  return decodeLayout(RMI_REC_ENTER_LAYOUT, half)
}

/** The second half of a run page, 2048 bytes. Members left out are zero. */
export function encodeRmiRecExit(exit: Partial<RmiRecExit>): Uint8Array {
  return encodeLayout(RMI_REC_EXIT_LAYOUT, exit)
}

/** Reads the second half of a run page, given from {@link REC_EXIT_OFFSET} on. */
export function decodeRmiRecExit(half: Uint8Array): RmiRecExit {
  return decodeLayout(RMI_REC_EXIT_LAYOUT, half)
}
