import type { AccessKind, WalkFault } from './stage2/walk.ts'

/** Exception classes, ESR_ELx.EC (Arm ARM D24.2.40). */
export const EC = {
  unknown: 0x00,
  wfx: 0x01,
  simd: 0x07,
  hvc: 0x16,
  smc: 0x17,
  sysreg: 0x18,
  sve: 0x19,
  sme: 0x1d,
  instructionAbort: 0x20,
  instructionAbortSameEl: 0x21,
  dataAbort: 0x24,
  dataAbortSameEl: 0x25,
  serror: 0x2f,
} as const

/** DFSC / IFSC of an external abort that is not on a table walk: what an injected SEA reports. */
export const FSC_SYNC_EXTERNAL_ABORT = 0x10

/** DFSC / IFSC of a granule protection fault on the access itself; it carries no level. */
export const FSC_GRANULE_PROTECTION = 0x28

/** What a PE tells EL2 of a synchronous exception: ESR_EL2, FAR_EL2 and HPFAR_EL2. */
export interface Syndrome {
  readonly esr: bigint
  readonly far: bigint
  /** FIPA, as the register holds it: (IPA >> 12) << 4. */
  readonly hpfar: bigint
}

/** ESR_ELx.IL: the instruction has 32 bits. */
export const ESR_IL: bigint = 1n << 25n

/** The lowest bits of an ESR with this exception class. */
export function esrOf(exceptionClass: number, iss: bigint): bigint {
  return (BigInt(exceptionClass) << 26n) | ESR_IL | iss
}

/** The exception class of a syndrome. */
export function exceptionClass(esr: bigint): number {
  return Number((esr >> 26n) & 0x3fn)
}

/** ISS of a data abort: a write; the fields about the instruction are valid; two sizes of its register. */
export const ISS_WNR: bigint = 1n << 6n
export const ISS_ISV: bigint = 1n << 24n
const ISS_SF = 1n << 15n
const SAS_POSITION = 22n

/** The register that single loads and stores of a guest go through: ISS.SRT of their aborts. */
export const TRANSFER_REGISTER = 0

/**
 * What the syndrome of an abort says about the instruction, if a single register is all that it loads or stores: size,
 * and which register. A host can emulate such an access to a device.
 */
export const TRANSFER: Readonly<Record<'word' | 'doubleword' | 'none', bigint>> = {
  word: ISS_ISV | (2n << SAS_POSITION),
  doubleword: ISS_ISV | (3n << SAS_POSITION) | ISS_SF,
  none: 0n,
}

/** DFSC / IFSC of a translation fault at the level that only wide addresses have. */
const FSC_TRANSLATION_LEVEL_MINUS_1 = 0x2b

/** DFSC / IFSC of a fault at `level` (Arm ARM D24.2.40, ISS encoding for an exception from a Data Abort). */
function faultStatus(fault: WalkFault, level: number): number {
  switch (fault) {
    case 'translation':
      return level < 0 ? FSC_TRANSLATION_LEVEL_MINUS_1 : 0x04 + level
    case 'permission':
      return 0x0c + level
    case 'granule-protection-on-walk':
      return 0x24 + level
    case 'granule-protection':
      return FSC_GRANULE_PROTECTION
  }
}

/**
 * Builds the syndrome of an abort at `ipa`.
 *
 * SIMPLIFIED: root firmware leaves granule protection faults of a Realm to EL2 as ordinary aborts (SCR_EL3.GPF clear).
 * SIMPLIFIED: guests run with stage 1 off, so FAR is the IPA.
 *
 * @param transfer One of {@link TRANSFER}.
 */
export function abortSyndrome(
  ipa: number,
  kind: AccessKind,
  fault: WalkFault,
  level: number,
  transfer: bigint,
): Syndrome {
  const ec = kind === 'execute' ? EC.instructionAbort : EC.dataAbort
  const address = BigInt(ipa)
  return {
    esr: esrOf(ec, BigInt(faultStatus(fault, level)) | transfer | (kind === 'write' ? ISS_WNR : 0n)),
    far: address,
    hpfar: (address >> 12n) << 4n,
  }
}

/** A synchronous exception that is not about an address. */
export function syndromeOf(esr: bigint): Syndrome {
  return { esr, far: 0n, hpfar: 0n }
}

/** What a trapped WFE says beyond a trapped WFI: ISS.TI. */
const ISS_WFE = 1n

export const SMC_SYNDROME: Syndrome = syndromeOf(esrOf(EC.smc, 0n))
export const WFI_SYNDROME: Syndrome = syndromeOf(esrOf(EC.wfx, 0n))
export const WFE_SYNDROME: Syndrome = syndromeOf(esrOf(EC.wfx, ISS_WFE))
