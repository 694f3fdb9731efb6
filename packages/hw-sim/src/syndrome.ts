import type { AccessKind, WalkFault } from './stage2/walk.ts'

/** Exception classes, ESR_ELx.EC (Arm ARM D24.2.40). */
export const EC = { wfx: 0x01, hvc: 0x16, smc: 0x17, sysreg: 0x18, instructionAbort: 0x20, dataAbort: 0x24 } as const

/** DFSC / IFSC of an external abort that is not on a table walk: what an injected SEA reports. */
export const FSC_SYNC_EXTERNAL_ABORT = 0x10

/** DFSC / IFSC of a granule protection fault on the access itself; it carries no level. */
export const FSC_GRANULE_PROTECTION = 0x28

/** DFSC / IFSC of a fault at `level` (Arm ARM D24.2.40, ISS encoding for an exception from a Data Abort). */
function faultStatus(fault: WalkFault, level: number): number {
  switch (fault) {
    case 'translation':
      return 0x04 + level
    case 'permission':
      return 0x0c + level
    case 'granule-protection-on-walk':
      return 0x24 + level
    case 'granule-protection':
      return FSC_GRANULE_PROTECTION
  }
}

/** The syndrome of a stage-2 abort: what ESR_EL2, FAR_EL2 and HPFAR_EL2 hold when a PE takes it to EL2. */
export interface AbortSyndrome {
  readonly esr: bigint
  readonly far: bigint
  /** FIPA, as the register holds it: (IPA >> 12) << 4. */
  readonly hpfar: bigint
}

const IL = 1n << 25n
const WNR = 1n << 6n

/**
 * Builds the syndrome of an abort at `ipa`.
 *
 * SIMPLIFIED: root firmware leaves granule protection faults of a Realm to EL2 as ordinary aborts (SCR_EL3.GPF clear).
 * SIMPLIFIED: guests run with stage 1 off, so FAR is the IPA, and ISV is clear: no instruction can be emulated.
 */
export function abortSyndrome(ipa: number, kind: AccessKind, fault: WalkFault, level: number): AbortSyndrome {
  const ec = kind === 'execute' ? EC.instructionAbort : EC.dataAbort
  const fsc = faultStatus(fault, level)
  const address = BigInt(ipa)
  return {
    esr: (BigInt(ec) << 26n) | IL | (kind === 'write' ? WNR : 0n) | BigInt(fsc),
    far: address,
    hpfar: (address >> 12n) << 4n,
  }
}

/** ESR_EL2 of a trapped WFI. */
export const ESR_WFI: bigint = (BigInt(EC.wfx) << 26n) | IL

/** The exception class of a syndrome. */
export function exceptionClass(esr: bigint): number {
  return Number((esr >> 26n) & 0x3fn)
}
