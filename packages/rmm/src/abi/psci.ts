/**
 * Function identifiers of the Power State Coordination Interface (Arm DEN0022, 1.1) that a Realm may call. Functions
 * with addresses in their arguments exist in an SMC32 and an SMC64 form.
 */
export const PSCI_VERSION = 0x8400_0000n
export const PSCI_CPU_SUSPEND_32 = 0x8400_0001n
export const PSCI_CPU_SUSPEND_64 = 0xc400_0001n
export const PSCI_CPU_OFF = 0x8400_0002n
export const PSCI_CPU_ON_32 = 0x8400_0003n
export const PSCI_CPU_ON_64 = 0xc400_0003n
export const PSCI_AFFINITY_INFO_32 = 0x8400_0004n
export const PSCI_AFFINITY_INFO_64 = 0xc400_0004n
export const PSCI_SYSTEM_OFF = 0x8400_0008n
export const PSCI_SYSTEM_RESET = 0x8400_0009n
export const PSCI_FEATURES = 0x8400_000an

/** What PSCI_VERSION answers: 1.1. */
export const PSCI_VERSION_1_1 = 0x1_0001n

/** Return codes (DEN0022 5.2.2), as 64-bit register values. */
export const PSCI_SUCCESS = 0n
export const PSCI_NOT_SUPPORTED: bigint = 2n ** 64n - 1n
export const PSCI_INVALID_PARAMETERS: bigint = 2n ** 64n - 2n
export const PSCI_DENIED: bigint = 2n ** 64n - 3n
export const PSCI_ALREADY_ON: bigint = 2n ** 64n - 4n
export const PSCI_INVALID_ADDRESS: bigint = 2n ** 64n - 9n

/** What AFFINITY_INFO answers (DEN0022 5.7.1). */
export const PSCI_AFFINITY_INFO_ON = 0n
export const PSCI_AFFINITY_INFO_OFF = 1n

const functionNames: ReadonlyMap<bigint, string> = new Map([
  [PSCI_VERSION, 'PSCI_VERSION'],
  [PSCI_CPU_SUSPEND_32, 'PSCI_CPU_SUSPEND'],
  [PSCI_CPU_SUSPEND_64, 'PSCI_CPU_SUSPEND'],
  [PSCI_CPU_OFF, 'PSCI_CPU_OFF'],
  [PSCI_CPU_ON_32, 'PSCI_CPU_ON'],
  [PSCI_CPU_ON_64, 'PSCI_CPU_ON'],
  [PSCI_AFFINITY_INFO_32, 'PSCI_AFFINITY_INFO'],
  [PSCI_AFFINITY_INFO_64, 'PSCI_AFFINITY_INFO'],
  [PSCI_SYSTEM_OFF, 'PSCI_SYSTEM_OFF'],
  [PSCI_SYSTEM_RESET, 'PSCI_SYSTEM_RESET'],
  [PSCI_FEATURES, 'PSCI_FEATURES'],
])

/** The name of a PSCI function identifier, or `undefined`. */
export function psciFunctionName(fid: bigint): string | undefined {
  return functionNames.get(fid)
}

/**
 * Index of the REC that an MPIDR names, as PSCI takes it: fields as in MPIDR_EL1, Aff0 in bits 3:0, Aff1 in 15:8, Aff2
 * in 23:16 and Aff3 in 39:32. Other bits do not count: so does the recorded firmware.
 */
export function recIndexOfMpidr(mpidr: bigint): number {
  const field = (shift: bigint, mask: bigint): number => Number((mpidr >> shift) & mask)
  return field(0n, 0xfn) + field(8n, 0xffn) * 2 ** 4 + field(16n, 0xffn) * 2 ** 12 + field(32n, 0xffn) * 2 ** 20
}
