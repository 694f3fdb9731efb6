/** RmiStatusCode (DEN0137 B4.4.19): what a command answers, in bits 7:0 of x0. */
export const RMI_SUCCESS = 0
export const RMI_ERROR_INPUT = 1
export const RMI_ERROR_REALM = 2
export const RMI_ERROR_REC = 3
export const RMI_ERROR_RTT = 4

export type RmiStatus = 0 | 1 | 2 | 3 | 4

/** A command's answer, unpacked. */
export interface RmiReturnCode {
  readonly status: number
  /** The level a walk stopped at (RMI_ERROR_RTT; level -1 is 0xff), a reason (RMI_ERROR_REALM), else 0. */
  readonly index: number
}

/** RmiCommandReturnCode: status in bits 7:0, index in bits 15:8. A level of -1 becomes 0xff. */
export function packStatus(status: number, index = 0): bigint {
  return BigInt(status | ((index & 0xff) << 8))
}

/** Undoes {@link packStatus}. A value that is no return code, as SMC_UNKNOWN is none, comes back as status 255. */
export function unpackStatus(register: bigint): RmiReturnCode {
  return { status: Number(register & 0xffn), index: Number((register >> 8n) & 0xffn) }
}

const statusNames = ['RMI_SUCCESS', 'RMI_ERROR_INPUT', 'RMI_ERROR_REALM', 'RMI_ERROR_REC', 'RMI_ERROR_RTT']

/** The specification's name of a status; what the SMC convention answers for an unknown function has its own name. */
export function rmiStatusName(status: number): string {
  return statusNames[status] ?? (status === 0xff ? 'SMC_NOT_SUPPORTED' : `RMI status ${status}`)
}
