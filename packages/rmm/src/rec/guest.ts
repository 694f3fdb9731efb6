import { type Guest, MDCR_TPM, PSTATE_EL1H_MASKED, SYSREG } from '@mica/hw-sim'
import { RMI_REALM_FLAG_PMU } from '../abi/index.ts'
import { hex } from '../event-text.ts'
import type { Monitor } from '../monitor.ts'
import { emitRec } from './event.ts'
import type { Rec } from './rec.ts'

/** MPIDR_EL1: bit 31 is always set, and Aff3 is above it. */
const MPIDR_RES1 = 1n << 31n

/** The guest of a REC; made at its first entry, from the state that RMI_REC_CREATE, or PSCI_CPU_ON, gave it. */
export function guestOf(monitor: Monitor, rec: Rec): Guest {
  if (rec.guest !== undefined) return rec.guest
  const { startTableAddress, startLevel, ipaBits, lpa2, flags } = rec.realm.identity
  const stage2 = { table: startTableAddress, startLevel, ipaBits, lpa2 }
  const guest = monitor.machine.guests({ rec: hex(rec.address), stage2, pc: rec.pc, gprs: rec.gprs })
  const start = guest.system[SYSREG.ELR_EL2]!
  if (rec.system !== undefined) guest.system.set(rec.system)
  guest.system[SYSREG.ELR_EL2] = start
  guest.system[SYSREG.SPSR_EL2] = PSTATE_EL1H_MASKED
  guest.system[SYSREG.VMPIDR_EL2] = mpidrRegister(rec.mpidr)
  guest.system[SYSREG.MDCR_EL2] = (flags & RMI_REALM_FLAG_PMU) === 0n ? MDCR_TPM : 0n
  rec.guest = guest
  emitRec(monitor, rec, 'started')
  return guest
}

/** MPIDR_EL1 of an MPIDR as RmiRecParams has it, with Aff3 in bits 31:24. */
function mpidrRegister(mpidr: number): bigint {
  const aff3 = BigInt(Math.floor(mpidr / 2 ** 24))
  return (aff3 << 32n) | MPIDR_RES1 | BigInt(mpidr % 2 ** 24)
}
