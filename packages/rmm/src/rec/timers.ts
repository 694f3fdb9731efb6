import {
  CNTHCTL_CNTPMASK,
  CNTHCTL_CNTVMASK,
  type Guest,
  SYSREG,
  type SystemRegisters,
  TIMER_ENABLE,
  TIMER_IMASK,
  TIMER_ISTATUS,
} from '@mica/hw-sim'

const CONTROL_BITS = TIMER_ENABLE | TIMER_IMASK | TIMER_ISTATUS

/**
 * Notes which timers ask for an interrupt. The host, which has to bring it to the guest, is told of every change; a timer
 * it knows of is kept from interrupting the PE again.
 *
 * @returns Whether anything has changed since the last time.
 */
export function timersChanged({ system }: Guest): boolean {
  const virtual = asks(system, SYSREG.CNTV_CTL_EL0) ? CNTHCTL_CNTVMASK : 0n
  const physical = asks(system, SYSREG.CNTP_CTL_EL0) ? CNTHCTL_CNTPMASK : 0n
  const masks = virtual | physical
  if (system[SYSREG.CNTHCTL_EL2] === masks) return false
  system[SYSREG.CNTHCTL_EL2] = masks
  return true
}

function asks(system: SystemRegisters, control: number): boolean {
  return (system[control]! & CONTROL_BITS) === (TIMER_ENABLE | TIMER_ISTATUS)
}
