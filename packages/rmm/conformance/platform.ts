import { DEFAULT_IDENTIFICATION, type IdentificationRegisters } from '@mica/hw-sim'
import type { BareHostOptions } from '../lab/bare-host.ts'

/** ID_AA64PFR0_EL1.SVE, bit 32: what the recordings write as a register of its own, whose value is the vector length. */
const SVE_IMPLEMENTED = 1n << 32n

/** Registers to which the recorded firmware has given other names than the architecture. */
const RENAMED: Readonly<Record<string, string>> = { icc_ctrl_el1: 'ICC_CTLR_EL1' }

/**
 * The machine and the monitor that recordings are held against.
 *
 * @param platformCfg Identification registers in which the recorded platform differs from the usual one, by name. Those
 *   from which the monitor derives nothing are passed over.
 */
export function conformanceHost(platformCfg: Readonly<Record<string, string>>, mica: boolean): BareHostOptions {
  return {
    machine: { identification: identificationOf(platformCfg) },
    rmm: { mica, firmware: 'rmm-spec-v1.0-rel0' },
  }
}

function identificationOf(platformCfg: Readonly<Record<string, string>>): Partial<IdentificationRegisters> {
  const registers: Record<string, bigint> = {}
  for (const [name, value] of Object.entries(platformCfg)) {
    const register = RENAMED[name] ?? name.toUpperCase()
    if (name === 'sve') {
      registers['ID_AA64PFR0_EL1'] = SVE_IMPLEMENTED
      registers['ZCR_EL2'] = BigInt(value)
    } else if (Object.hasOwn(DEFAULT_IDENTIFICATION, register)) {
      registers[register] = BigInt(value)
    }
  }
  return registers
}
