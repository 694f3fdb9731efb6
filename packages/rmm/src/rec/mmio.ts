import { type Guest, ISS_ISV, ISS_WNR, registerField, type Syndrome } from '@mica/hw-sim'
import { advancePc } from './exception.ts'

/** SRT that names no register but zero. */
const ZERO_REGISTER = 31

/** Whether a data abort says enough of its instruction for a host to emulate it. */
export function isDecoded(esr: bigint): boolean {
  return (esr & ISS_ISV) !== 0n
}

export function isWrite(esr: bigint): boolean {
  return (esr & ISS_WNR) !== 0n
}

/** The value of an aborted store, as wide as it is: zero if the syndrome does not tell the register. */
export function storedValue(guest: Guest, esr: bigint): bigint {
  const register = transferRegister(esr)
  return register === ZERO_REGISTER ? 0n : BigInt.asUintN(accessBits(esr), guest.x[register]!)
}

/** Completes an aborted load or store as the host has emulated it: `value` is what was loaded. */
export function completeAccess(guest: Guest, { esr }: Syndrome, value: bigint): void {
  const register = transferRegister(esr)
  if (!isWrite(esr) && register !== ZERO_REGISTER) guest.x[register] = extended(esr, value)
  advancePc(guest)
}

/** What a load leaves in its register: SSE and SF say how it is extended. */
function extended(esr: bigint, value: bigint): bigint {
  const bits = accessBits(esr)
  const isSigned = registerField(esr, 21, 1) === 1
  if (!isSigned) return BigInt.asUintN(bits, value)
  const registerBits = registerField(esr, 15, 1) === 1 ? 64 : 32
  return BigInt.asUintN(registerBits, BigInt.asIntN(bits, value))
}

/** SRT. */
function transferRegister(esr: bigint): number {
  return registerField(esr, 16, 5)
}

/** SAS: 8 to 64 bits. */
function accessBits(esr: bigint): number {
  return 8 << registerField(esr, 22, 2)
}
