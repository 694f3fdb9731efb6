import { EC, exceptionClass, type Guest, type Syndrome } from '@mica/hw-sim'
import { RMI_EXIT_SYNC, RMI_REALM_FLAG_SVE } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import { handleAbort } from './abort.ts'
import { handleCall } from './call.ts'
import { advancePc, injectUndefined } from './exception.ts'
import type { RecExit } from './exit.ts'
import type { Rec } from './rec.ts'
import { handleSystemRegister } from './sysreg.ts'
import { isBlocked } from './transition.ts'
import { takeEvent } from './wait.ts'

/** ESR_EL2 fields that a host sees of a trapped WFI or WFE: EC and TI. */
const ESR_WFX = (0x3fn << 26n) | 1n

/**
 * Handles a synchronous exception of a guest, by its class.
 *
 * @returns The exit that it leads to, or `undefined` if the guest just goes on.
 */
export function handleSync(monitor: Monitor, rec: Rec, guest: Guest, syndrome: Syndrome): RecExit | undefined {
  const ec = exceptionClass(syndrome.esr)
  switch (ec) {
    case EC.smc:
      return handleCall(monitor, rec, guest)
    case EC.dataAbort:
    case EC.instructionAbort:
      return handleAbort(monitor, rec, guest, syndrome)
    case EC.wfx:
      advancePc(guest)
      if (takeEvent(rec, guest, syndrome)) return undefined
      return syncExit(ec, syndrome.esr & ESR_WFX)
    case EC.sysreg:
      return handleSystemRegister(monitor, rec, guest, syndrome)
    case EC.simd:
    case EC.sve:
    case EC.sme:
      handleVectors(rec, guest, ec)
      return undefined
    case EC.hvc:
      // Nobody to call there.
      injectUndefined(guest)
      return undefined
    default: {
      // What the monitor does not know it does not describe either.
      const exit = syncExit(ec, 0n)
      if (!isBlocked(monitor, rec, exit)) return exit
      injectUndefined(guest)
      return undefined
    }
  }
}

/**
 * Vector registers change hands at their first use after an entry, which traps and is tried again. There are none beyond
 * those that the Realm asked for; a trap of SME may be one of SVE, as long as the PE is not the guest's altogether.
 */
function handleVectors(rec: Rec, guest: Guest, ec: number): void {
  const hasSve = (rec.realm.identity.flags & RMI_REALM_FLAG_SVE) !== 0n
  const isDefined = ec === EC.simd || (hasSve && (ec === EC.sve || !rec.hasVectors))
  if (isDefined) rec.hasVectors = true
  else injectUndefined(guest)
}

function syncExit(ec: number, esr: bigint): RecExit {
  return { class: 'exception', id: ec, record: { exit_reason: RMI_EXIT_SYNC, esr } }
}
