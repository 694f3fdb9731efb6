import { MDCR_TPM, SYSREG, type SystemRegisters } from '@mica/hw-sim'
import type { TransitionClass } from '@mica/policy'
import { encodeRmiRecExit, RMI_EXIT_IRQ, type RmiRecEnter, type RmiRecExit } from '../abi/index.ts'
import type { Platform } from '../platform.ts'
import { interruptsOf } from './gic.ts'

/** An exit to the host that is about to happen: what the base would show of it, and what kind of transition it is. */
export interface RecExit {
  readonly class: TransitionClass
  /** Function identifier, exception class, or interrupt number. */
  readonly id: number
  /** What the host sees if the transition is allowed. Members left out are zero. */
  readonly record: Partial<RmiRecExit>
}

/** PMCR_EL0.E: the performance monitors are on. */
const PMCR_ENABLE = 1n

/** The exit record of a page of the host's: what the exit is about, and what the host has to know of the PE. */
export function exitRecord(record: Partial<RmiRecExit>, system: SystemRegisters, platform: Platform): Uint8Array {
  return encodeRmiRecExit({
    ...record,
    ...interruptsOf(system, platform),
    cntp_ctl: system[SYSREG.CNTP_CTL_EL0]!,
    cntp_cval: system[SYSREG.CNTP_CVAL_EL0]!,
    cntv_ctl: system[SYSREG.CNTV_CTL_EL0]!,
    cntv_cval: system[SYSREG.CNTV_CVAL_EL0]!,
    pmu_ovf_status: hasOverflow(system) ? 1 : 0,
  })
}

/**
 * What the host sees of every scrubbed exit, whatever the guest did: that it runs no more, and nothing else. Only the
 * list registers are its own.
 */
export function scrubbedRecord(enter: RmiRecEnter, listRegisters: number): Uint8Array {
  return encodeRmiRecExit({ exit_reason: RMI_EXIT_IRQ, gicv3_lrs: enter.gicv3_lrs.slice(0, listRegisters) })
}

/** Whether a performance counter that is the Realm's, is on and may interrupt, has overflowed. */
function hasOverflow(system: SystemRegisters): boolean {
  if ((system[SYSREG.MDCR_EL2]! & MDCR_TPM) !== 0n || (system[SYSREG.PMCR_EL0]! & PMCR_ENABLE) === 0n) return false
  const { PMCNTENSET_EL0, PMINTENSET_EL1, PMOVSSET_EL0 } = SYSREG
  return (system[PMCNTENSET_EL0]! & system[PMINTENSET_EL1]! & system[PMOVSSET_EL0]!) !== 0n
}
