import { type Guest, HCR_TWI, SYSREG, type Syndrome } from '@mica/hw-sim'
import type { Rec } from './rec.ts'

/** ISS of a trapped wait, TI: set of WFE and WFET, clear of WFI and WFIT. */
const ISS_WFE = 1n

/**
 * Lets a guest's next WFI go on at once: the PE hands that wait to the monitor, whether the host wants to know of waits or
 * not. No list register says so, so a host neither sees an event nor makes one.
 */
export function signalEvent(rec: Rec): void {
  rec.hasEvent = true
  if (rec.guest === undefined) return
  const { system } = rec.guest
  system[SYSREG.HCR_EL2] = system[SYSREG.HCR_EL2]! | HCR_TWI
}

/**
 * Sets which waits leave the guest: those that the host asked for, and WFI while an event is there.
 *
 * INVARIANT: no virtual SError is pending in the same register: a guest takes one as soon as it goes on.
 */
export function setTraps({ hasEvent, hostTraps }: Rec, { system }: Guest): void {
  system[SYSREG.HCR_EL2] = hasEvent ? hostTraps | HCR_TWI : hostTraps
}

/** Takes the event, if one has come, for a wait that trapped: it is over. False if the host is to hear of the wait. */
export function takeEvent(rec: Rec, guest: Guest, { esr }: Syndrome): boolean {
  if (!rec.hasEvent || (esr & ISS_WFE) !== 0n) return false
  rec.hasEvent = false
  setTraps(rec, guest)
  return true
}
