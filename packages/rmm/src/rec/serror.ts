import { EC, HCR_VSE, SYSREG, type SystemRegisters } from '@mica/hw-sim'
import { RMI_EXIT_SERROR } from '../abi/index.ts'
import type { RecExit } from './exit.ts'
import type { Rec } from './rec.ts'

/** ESR_EL2 fields that a host sees of an SError: IDS, AET, EA and DFSC. */
const ESR_SERROR = (1n << 24n) | (7n << 10n) | (1n << 9n) | 0x3fn

/** AET: corrected, or restartable: the guest goes on as if nothing had been. */
const AET_POSITION = 10n
const AET_RESTARTABLE = 2n
const AET_CORRECTED = 6n

/**
 * Handles a physical SError while a REC runs: the host is told, and unless hardware says that nothing is lost, the guest
 * takes an SError of its own at the next entry.
 *
 * The recorded firmware stops the machine when an error is uncontainable or not described (IDS, or a DFSC other than 1);
 * here such an error is the guest's, like an unrecoverable one.
 */
export function handleSError(rec: Rec, esr: bigint): RecExit {
  const aet = (esr >> AET_POSITION) & 7n
  if (aet !== AET_CORRECTED && aet !== AET_RESTARTABLE) rec.serror = esr & ESR_SERROR
  return { class: 'exception', id: EC.serror, record: { exit_reason: RMI_EXIT_SERROR, esr: esr & ESR_SERROR } }
}

/** Makes the SError that the guest has to take pending on its PE. */
export function deliverSError(rec: Rec, system: SystemRegisters): void {
  if (rec.serror === undefined) return
  system[SYSREG.VSESR_EL2] = rec.serror
  system[SYSREG.HCR_EL2] = system[SYSREG.HCR_EL2]! | HCR_VSE
  rec.serror = undefined
}
