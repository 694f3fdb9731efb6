import { EC, exceptionClass, type Guest, ISS_ISV, type Syndrome } from '@mica/hw-sim'
import { RMI_ENTER_EMUL_MMIO, RMI_ENTER_INJECT_SEA, type RmiRecEnter } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Realm } from '../realm/realm.ts'
import { faultAddress, isAArch32, isExternalAbort } from './abort.ts'
import { injectSea } from './exception.ts'
import { completeAccess, isDecoded } from './mmio.ts'
import type { Rec } from './rec.ts'

/** What a host may answer, other than by letting the guest try again, of the abort that an exit was about. */
export function answerable(monitor: Monitor, realm: Realm, guest: Guest, abort: Syndrome): Syndrome | undefined {
  const { esr, hpfar } = abort
  if (exceptionClass(esr) !== EC.dataAbort) return undefined
  // The recorded firmware lets a host answer loads from protected memory as well, with a value of its choice.
  if (monitor.firmware !== undefined) return abort
  if (realm.isProtected(faultAddress(hpfar)) || isExternalAbort(esr)) return undefined
  return isAArch32(guest) ? { ...abort, esr: esr & ~ISS_ISV } : abort
}

/** Whether the flags of an entry answer the exit that there was. */
export function acceptableAnswer(rec: Rec, { flags }: RmiRecEnter): boolean {
  const abort = rec.lastAbort
  if ((flags & RMI_ENTER_INJECT_SEA) !== 0n) {
    return abort !== undefined && !rec.realm.isProtected(faultAddress(abort.hpfar))
  }
  return (flags & RMI_ENTER_EMUL_MMIO) === 0n || (abort !== undefined && isDecoded(abort.esr))
}

/** Carries out the host's answer to the last exit, which is acceptable. A host that asks for both injects. */
export function answerAbort(rec: Rec, { flags, gprs }: RmiRecEnter): void {
  const { lastAbort: abort, guest } = rec
  rec.lastAbort = undefined
  if (abort === undefined || guest === undefined) return
  if ((flags & RMI_ENTER_INJECT_SEA) !== 0n) injectSea(guest, abort)
  else if ((flags & RMI_ENTER_EMUL_MMIO) !== 0n) completeAccess(guest, abort, gprs[0] ?? 0n)
}
