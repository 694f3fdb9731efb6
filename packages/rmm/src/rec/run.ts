import { type Guest, type GuestExit, HCR_TWE, HCR_TWI, SYSREG } from '@mica/hw-sim'
import { PHYSICAL_INTERRUPT } from '@mica/policy'
import {
  encodeRmiRecExit,
  RMI_ENTER_TRAP_WFE,
  RMI_ENTER_TRAP_WFI,
  RMI_EXIT_FIQ,
  RMI_EXIT_IRQ,
  type RmiRecEnter,
  RSI_SUCCESS,
} from '../abi/index.ts'
import { invariant } from '../invariant.ts'
import type { Monitor } from '../monitor.ts'
import { completeUnseen } from '../psci/request.ts'
import { completeHostCall } from '../rsi/host-call.ts'
import { completeRipasChange } from '../rsi/ipa-state-set.ts'
import { emulatedAbort } from './abort.ts'
import { answerAbort, answerable } from './entry.ts'
import { exitRecord, type RecExit, scrubbedRecord } from './exit.ts'
import { giveInterrupts } from './gic.ts'
import { guestOf } from './guest.ts'
import { NOTHING_PENDING, type Rec } from './rec.ts'
import { deliverSError, handleSError } from './serror.ts'
import { handleSync } from './sync.ts'
import { timersChanged } from './timers.ts'
import { decide, emitExit, isBlocked } from './transition.ts'
import { setTraps } from './wait.ts'

/** Exits that no extension knows to be about anything: time is up, a timer or a device wants the PE. */
const IRQ_EXIT: RecExit = interruptExit(RMI_EXIT_IRQ)
const FIQ_EXIT: RecExit = interruptExit(RMI_EXIT_FIQ)

/**
 * Runs a REC until an exit reaches the host.
 *
 * @param enter What the host asks for; its answers to the last exit are acceptable.
 * @returns The second half of the run page: all that the host learns.
 */
export function runRec(monitor: Monitor, rec: Rec, enter: RmiRecEnter): Uint8Array {
  const guest = guestOf(monitor, rec)
  giveInterrupts(monitor, rec, guest, enter)
  rec.unseenInterrupts = undefined
  answerAbort(rec, enter)
  const fault = completePending(monitor, rec, enter)
  const exit = fault ?? runGuest(monitor, rec, guest, enter)
  const decision = decide(rec, exit)
  emitExit(monitor, rec, exit, decision)
  // What the record says, or would say, of the timers needs no interrupt any more.
  timersChanged(guest)
  if (decision.action !== 'allow') return scrub(monitor, rec, enter)
  // The recorded firmware has nothing to tell of a PE that did not run; the host's interrupts are lost in that.
  if (fault !== undefined && monitor.firmware !== undefined) return encodeRmiRecExit(fault.record)
  return exitRecord(exit.record, guest.system, monitor.platform)
}

/** INVARIANT: a scrubbed exit is answered with nothing but interrupts, so nothing of it stays open. */
function scrub(monitor: Monitor, rec: Rec, enter: RmiRecEnter): Uint8Array {
  rec.lastAbort = undefined
  rec.unseenInterrupts = enter.gicv3_lrs
  const { pending } = rec
  if (pending.kind === 'host-call' || pending.kind === 'ripas-change') rec.pending = { ...pending, discard: true }
  if (rec.pending.kind === 'psci') completeUnseen(monitor, rec, rec.pending.request)
  return scrubbedRecord(enter, monitor.platform.listRegisters)
}

/** Takes the host's answer to the last exit. An exit of its own if that met memory the host has taken meanwhile. */
function completePending(monitor: Monitor, rec: Rec, enter: RmiRecEnter): RecExit | undefined {
  const { pending } = rec
  rec.pending = NOTHING_PENDING
  switch (pending.kind) {
    case 'none':
      return undefined
    case 'host-call': {
      const { x } = guestOf(monitor, rec)
      if (!pending.discard) {
        const page = completeHostCall(monitor, rec, pending.ipa, enter.gprs)
        // The Realm has given the page away meanwhile: its call has no answer, and x0 stays what it was.
        if (page.kind === 'input') return undefined
        const fault = page.kind === 'fault' ? emulatedAbort(page.ipa, page.level) : undefined
        // A policy that blocks aborts blocks this one too: the answers are lost, as if the host had given none.
        if (fault !== undefined && !isBlocked(monitor, rec, fault)) {
          rec.pending = pending
          return fault
        }
      }
      x[0] = RSI_SUCCESS
      return undefined
    }
    case 'ripas-change':
      completeRipasChange(guestOf(monitor, rec).x, pending, pending.discard ? undefined : enter)
      return undefined
    case 'psci':
      invariant(false, 'a REC that waits for RMI_PSCI_COMPLETE is not entered')
  }
}

function runGuest(monitor: Monitor, rec: Rec, guest: Guest, enter: RmiRecEnter): RecExit {
  // Written anew: an SError that the guest had not taken when it left is not pending any more.
  guest.system[SYSREG.HCR_EL2] = 0n
  rec.hostTraps = trapsOf(enter)
  setTraps(rec, guest)
  rec.hasVectors = false
  for (;;) {
    if (timersChanged(guest)) return IRQ_EXIT
    deliverSError(rec, guest.system)
    const exit = handleExit(monitor, rec, guest, guest.resume())
    if (exit !== undefined) return exit
  }
}

function trapsOf({ flags }: RmiRecEnter): bigint {
  const wfi = (flags & RMI_ENTER_TRAP_WFI) === 0n ? 0n : HCR_TWI
  const wfe = (flags & RMI_ENTER_TRAP_WFE) === 0n ? 0n : HCR_TWE
  return wfi | wfe
}

/** The exit that a guest's exit leads to, or `undefined` if the monitor has dealt with it. */
function handleExit(monitor: Monitor, rec: Rec, guest: Guest, stopped: GuestExit): RecExit | undefined {
  switch (stopped.kind) {
    case 'irq':
      return IRQ_EXIT
    case 'fiq':
      return FIQ_EXIT
    case 'serror':
      return handleSError(rec, stopped.esr)
    case 'sync': {
      const { syndrome } = stopped
      const exit = handleSync(monitor, rec, guest, syndrome)
      if (exit !== undefined) rec.lastAbort = answerable(monitor, rec.realm, guest, syndrome)
      return exit
    }
  }
}

function interruptExit(exit_reason: number): RecExit {
  return { class: 'interrupt', id: PHYSICAL_INTERRUPT, record: { exit_reason } }
}
