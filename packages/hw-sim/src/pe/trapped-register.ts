import { EC, esrOf, type Syndrome, syndromeOf, TRANSFER_REGISTER } from '../syndrome.ts'
import type { Core } from './core.ts'

/** How an instruction names a system register. */
export type Encoding = readonly [op0: number, op1: number, crn: number, crm: number, op2: number]

const ISS_READ = 1n
const RT_POSITION = 5n

/** The trap of a read: what the monitor leaves in the register that the syndrome names is the value. */
export function trapRead(encoding: Encoding): Syndrome {
  return trap(encoding, ISS_READ)
}

/** The trap of a write, with the value where the syndrome says. */
export function trapWrite(core: Core, encoding: Encoding, value: bigint): Syndrome {
  core.transferred = value
  return trap(encoding, 0n)
}

/** The syndrome of a trapped MRS or MSR (Arm ARM D24.2.40, ISS encoding for an exception from MSR, MRS). */
function trap([op0, op1, crn, crm, op2]: Encoding, direction: bigint): Syndrome {
  const name = (op0 << 20) | (op2 << 17) | (op1 << 14) | (crn << 10) | (crm << 1)
  return syndromeOf(esrOf(EC.sysreg, BigInt(name) | (BigInt(TRANSFER_REGISTER) << RT_POSITION) | direction))
}
