/** List registers of a virtual CPU interface that the architecture has names for. */
export const LIST_REGISTER_COUNT = 16

/**
 * System registers of a PE that runs a REC, as far as the monitor and the PE share them: what is saved and restored with
 * the REC. The value of a name is the place of its register in {@link SystemRegisters}.
 *
 * @see Arm ARM D19 (AArch64 System registers), Arm IHI 0069 (GICv3) for ICH_*
 */
export const SYSREG = {
  /** Where the guest is, seen from an exit: the instruction that was interrupted or did not complete. */
  ELR_EL2: 0,
  SPSR_EL2: 1,
  HCR_EL2: 2,
  /** What a virtual SError says of itself. */
  VSESR_EL2: 3,
  CNTHCTL_EL2: 4,
  MDCR_EL2: 5,
  /** What MPIDR_EL1 reads as. */
  VMPIDR_EL2: 6,
  VBAR_EL1: 7,
  ESR_EL1: 8,
  FAR_EL1: 9,
  ELR_EL1: 10,
  SPSR_EL1: 11,
  CNTP_CTL_EL0: 12,
  CNTP_CVAL_EL0: 13,
  CNTV_CTL_EL0: 14,
  CNTV_CVAL_EL0: 15,
  PMCR_EL0: 16,
  PMCNTENSET_EL0: 17,
  PMINTENSET_EL1: 18,
  PMOVSSET_EL0: 19,
  /** Physical interrupts that are pending while the monitor works: bit 7 IRQ, bit 6 FIQ, bit 8 SError. */
  ISR_EL1: 20,
  ICH_HCR_EL2: 21,
  ICH_VMCR_EL2: 22,
  ICH_MISR_EL2: 23,
  /** The count of the PE at its last exit: what its guest reads as CNTVCT_EL0. */
  CNTVCT_EL0: 24,
  /** The first of 16. */
  ICH_LR0_EL2: 25,
} as const

export type SystemRegister = keyof typeof SYSREG

export const SYSTEM_REGISTER_COUNT: number = SYSREG.ICH_LR0_EL2 + LIST_REGISTER_COUNT

/** The registers that {@link SYSREG} names, each 64 bits. */
export type SystemRegisters = BigUint64Array

/** Fresh system registers, all zero. */
export function createSystemRegisters(): SystemRegisters {
  return new BigUint64Array(SYSTEM_REGISTER_COUNT)
}

/** HCR_EL2.VSE: a virtual SError is pending. The PE clears it when it takes it. */
export const HCR_VSE: bigint = 1n << 8n
/** HCR_EL2.TWI and TWE: WFI and WFE leave to the monitor instead of waiting. */
export const HCR_TWI: bigint = 1n << 13n
export const HCR_TWE: bigint = 1n << 14n

/** CNT<x>_CTL_EL0: the timer is on, its interrupt is masked, its condition is met. */
export const TIMER_ENABLE = 1n
export const TIMER_IMASK = 2n
export const TIMER_ISTATUS = 4n

/** CNTHCTL_EL2.CNTVMASK and CNTPMASK: the interrupt of an EL1 timer does not reach the PE. */
export const CNTHCTL_CNTVMASK: bigint = 1n << 18n
export const CNTHCTL_CNTPMASK: bigint = 1n << 19n

/** MDCR_EL2.TPM: accesses to performance monitors leave to the monitor. */
export const MDCR_TPM: bigint = 1n << 6n

/** SPSR_EL2 of a PE that starts, or takes an exception: EL1 with its own stack pointer, all interrupts masked. */
export const PSTATE_EL1H_MASKED = 0x3c5n

/** Bytes of an instruction: what ELR_EL2 advances by when one is done. */
export const INSTRUCTION_SIZE = 4n
