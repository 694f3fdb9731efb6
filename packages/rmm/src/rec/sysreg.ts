import { EC, type Guest, registerField, type Syndrome } from '@mica/hw-sim'
import { RMI_EXIT_SYNC } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import { advancePc, injectUndefined } from './exception.ts'
import type { RecExit } from './exit.ts'
import { readIdRegister, type SystemRegisterName } from './id-registers.ts'
import type { Rec } from './rec.ts'
import { isBlocked } from './transition.ts'

/** Rt that names no register but zero. */
const ZERO_REGISTER = 31

/**
 * Handles a trapped access to a system register: identification registers tell what a Realm may use, writes that send
 * interrupts or deactivate one are the host's, and everything else reads as zero and ignores writes. What the
 * architecture has no instruction for is undefined.
 *
 * @returns The exit that it leads to, or `undefined` if the guest just goes on.
 */
export function handleSystemRegister(
  monitor: Monitor,
  rec: Rec,
  guest: Guest,
  syndrome: Syndrome,
): RecExit | undefined {
  const { esr } = syndrome
  const name = nameOf(esr)
  const isRead = registerField(esr, 0, 1) === 1
  const isInterrupts = isOfInterrupts(name)
  const exit = isInterrupts && !isRead ? writeExit(guest, esr) : undefined
  const isUndefined = isRead ? isInterrupts : isIdentification(name)
  if (isUndefined || (exit !== undefined && isBlocked(monitor, rec, exit))) {
    injectUndefined(guest)
    return undefined
  }
  if (isRead) {
    const value = isIdentification(name) ? readIdRegister(monitor.machine.identification, rec.realm, name) : 0n
    writeRegister(guest, esr, value)
  }
  advancePc(guest)
  return exit
}

/** The host gets the whole syndrome, and what was to be written. */
function writeExit(guest: Guest, esr: bigint): RecExit {
  const register = transferRegister(esr)
  const value = register === ZERO_REGISTER ? 0n : guest.x[register]!
  return { class: 'exception', id: EC.sysreg, record: { exit_reason: RMI_EXIT_SYNC, esr, gprs: [value] } }
}

function writeRegister(guest: Guest, esr: bigint, value: bigint): void {
  const register = transferRegister(esr)
  if (register !== ZERO_REGISTER) guest.x[register] = value
}

/** Rt. */
function transferRegister(esr: bigint): number {
  return registerField(esr, 5, 5)
}

function nameOf(esr: bigint): SystemRegisterName {
  return {
    op0: registerField(esr, 20, 2),
    op1: registerField(esr, 14, 3),
    crn: registerField(esr, 10, 4),
    crm: registerField(esr, 1, 4),
    op2: registerField(esr, 17, 3),
  }
}

function isIdentification({ op0, op1, crn }: SystemRegisterName): boolean {
  return op0 === 3 && op1 === 0 && crn === 0
}

/**
 * Registers of the interrupt controller: ICC_PMR_EL1, and those with CRn 12 and CRm 8 to 15. Only writes that the host
 * has to carry out trap: of ICC_SGI0R_EL1, ICC_SGI1R_EL1, ICC_ASGI1R_EL1, and of ICC_DIR_EL1 if it asked for that.
 */
function isOfInterrupts({ op0, op1, crn, crm, op2 }: SystemRegisterName): boolean {
  if (op0 !== 3 || op1 !== 0) return false
  return (crn === 12 && crm >= 8) || (crn === 4 && crm === 6 && op2 === 0)
}
