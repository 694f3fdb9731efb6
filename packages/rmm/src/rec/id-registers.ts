import type { IdentificationRegisters } from '@mica/hw-sim'
import { RMI_REALM_FLAG_SVE } from '../abi/index.ts'
import type { Realm } from '../realm/realm.ts'

/** Op0, Op1, CRn, CRm, Op2 of the ISS of a trapped MRS or MSR. */
export interface SystemRegisterName {
  readonly op0: number
  readonly op1: number
  readonly crn: number
  readonly crm: number
  readonly op2: number
}

/** ID_AA64PFR0_EL1: what no Realm has (AMU), and what only some have. */
const PFR0_WITHHELD = 0xfn << 44n
const PFR0_SVE = 0xfn << 32n

/** ID_AA64DFR0_EL1: TraceVer, PMSS, SEBEP, CTX_CMPs and PMSVer, TraceFilt, TraceBuffer, BRBE and ExtTrcBuff. */
const DFR0_WITHHELD = (0xfn << 4n) | (0xfn << 16n) | (0xfffn << 24n) | (0xffn << 40n) | (0xffn << 52n)

/** ID_AA64DFR1_EL1: ICNTR and EBEP. */
const DFR1_WITHHELD = (0xfn << 36n) | (0xfn << 48n)

/**
 * What a Realm reads of an identification register: what it may use of the machine, not all that the machine has.
 * Registers that the machine says nothing about read as zero.
 */
export function readIdRegister(
  machine: IdentificationRegisters,
  realm: Realm,
  { crm, op2 }: SystemRegisterName,
): bigint {
  const { flags } = realm.identity
  switch (`${crm},${op2}`) {
    case '4,0':
      return machine.ID_AA64PFR0_EL1 & ~(PFR0_WITHHELD | ((flags & RMI_REALM_FLAG_SVE) === 0n ? PFR0_SVE : 0n))
    case '5,0':
      return machine.ID_AA64DFR0_EL1 & ~DFR0_WITHHELD
    case '5,1':
      return machine.ID_AA64DFR1_EL1 & ~DFR1_WITHHELD
    case '7,0':
      return machine.ID_AA64MMFR0_EL1
    case '7,1':
      return machine.ID_AA64MMFR1_EL1
    default:
      return 0n
  }
}
