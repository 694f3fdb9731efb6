import {
  EC,
  esrOf,
  exceptionClass,
  FSC_SYNC_EXTERNAL_ABORT,
  type Guest,
  INSTRUCTION_SIZE,
  PSTATE_EL1H_MASKED,
  SYSREG,
  type Syndrome,
  type SystemRegisters,
} from '@mica/hw-sim'

/** PSTATE.M and PSTATE.nRW, in SPSR_ELx. */
const MODE = 0xfn
const MODE_EL0T = 0n
const MODE_EL1T = 4n
const NRW = 0x10n

/** ESR_ELx of an abort: FnV, EA, S1PTW and xFSC. */
const FNV = 1n << 10n
const EA = 1n << 9n
const S1PTW = 1n << 7n
const FSC = 0x3fn
const CLASS_POSITION = 26n
const CLASS = 0x3fn << CLASS_POSITION

/** The guest goes on behind the instruction at which it stopped. */
export function advancePc(guest: Guest): void {
  guest.system[SYSREG.ELR_EL2] = guest.system[SYSREG.ELR_EL2]! + INSTRUCTION_SIZE
}

/** Lets the guest take an abort as a synchronous external abort: what it accessed is not there for it. */
export function injectSea({ system }: Guest, { esr, far }: Syndrome): void {
  system[SYSREG.FAR_EL1] = far
  takeException(system, externalAbort(esr, system[SYSREG.SPSR_EL2]!))
}

/** Lets the guest find that the instruction at which it stopped is undefined. */
export function injectUndefined({ system }: Guest): void {
  takeException(system, esrOf(EC.unknown, 0n))
}

/** Writes the registers as a PE does that takes an exception to EL1; FAR_EL1 is for those that have an address. */
function takeException(system: SystemRegisters, esr: bigint): void {
  const pstate = system[SYSREG.SPSR_EL2]!
  system[SYSREG.ESR_EL1] = esr
  system[SYSREG.ELR_EL1] = system[SYSREG.ELR_EL2]!
  system[SYSREG.SPSR_EL1] = pstate
  system[SYSREG.ELR_EL2] = system[SYSREG.VBAR_EL1]! + vectorOffset(pstate)
  system[SYSREG.SPSR_EL2] = PSTATE_EL1H_MASKED
}

/** ESR_EL1 of an injected abort: as EL2 saw it, but external, and from where EL1 sees it. */
function externalAbort(esr: bigint, pstate: bigint): bigint {
  const sameLevel = (pstate & MODE) !== MODE_EL0T
  const ec = BigInt(exceptionClass(esr)) + (sameLevel ? 1n : 0n)
  return (esr & ~(CLASS | FSC | FNV | S1PTW)) | (ec << CLASS_POSITION) | EA | BigInt(FSC_SYNC_EXTERNAL_ABORT)
}

/** Where a synchronous exception from this state enters the vectors (Arm ARM D1.3.3.1). */
function vectorOffset(pstate: bigint): bigint {
  switch (pstate & MODE) {
    case MODE_EL0T:
      return (pstate & NRW) === 0n ? 0x400n : 0x600n
    case MODE_EL1T:
      return 0n
    default:
      return 0x200n
  }
}
