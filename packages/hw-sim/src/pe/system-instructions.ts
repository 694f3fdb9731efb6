import type { Syndrome } from '../syndrome.ts'
import type { Core } from './core.ts'
import { GUEST_REGISTERS, type GuestRegister } from './guest-registers.ts'
import { type Encoding, trapRead, trapWrite } from './trapped-register.ts'

/** `S3_0_C12_C11_5`: the architecture's name of any register by its encoding. */
const GENERIC_NAME = /^S([23])_([0-7])_C(\d|1[0-5])_C(\d|1[0-5])_([0-7])$/

/** Whether `name` is a register that MRS or MSR can name: in capitals, or by its encoding. */
export function isSystemRegisterName(name: string): boolean {
  return find(name) !== undefined
}

/** MRS: the value of a system register, a trap to EL2, or that there is no such instruction. */
export function readSystemRegister(core: Core, name: string): bigint | Syndrome | 'undefined' {
  return find(name)?.read?.(core) ?? 'undefined'
}

/** MSR: writes a system register; otherwise as {@link readSystemRegister}. */
export function writeSystemRegister(core: Core, name: string, value: bigint): 'done' | Syndrome | 'undefined' {
  const register = find(name)
  if (register?.write === undefined) return 'undefined'
  return register.write(core, BigInt.asUintN(64, value)) ?? 'done'
}

/** A register by its name. One that is named by its encoding always traps. */
function find(name: string): GuestRegister | undefined {
  const register = GUEST_REGISTERS.get(name)
  if (register !== undefined) return register
  const match = GENERIC_NAME.exec(name)
  if (match === null) return undefined
  const [op0 = 0, op1 = 0, crn = 0, crm = 0, op2 = 0] = match.slice(1).map(Number)
  const encoding: Encoding = [op0, op1, crn, crm, op2]
  return { read: () => trapRead(encoding), write: (core, value) => trapWrite(core, encoding, value) }
}
