import { ESR_WFI, type Guest } from '@mica/hw-sim'
import { PHYSICAL_INTERRUPT, WFX } from '@mica/policy'
import {
  RMI_ENTER_INJECT_SEA,
  RMI_ENTER_TRAP_WFI,
  RMI_EXIT_IRQ,
  RMI_EXIT_SYNC,
  type RmiRecEnter,
} from '../abi/index.ts'
import { hex } from '../event-text.ts'
import type { Monitor } from '../monitor.ts'
import { completeHostCall } from '../rsi/host-call.ts'
import { emulatedAbort, handleAbort } from './abort.ts'
import { handleCall } from './call.ts'
import { emitRec } from './event.ts'
import { exitRecord, type RecExit, scrubbedRecord } from './exit.ts'
import { NOTHING_PENDING, type Rec } from './rec.ts'
import { decide, emitExit, isBlocked } from './transition.ts'

/** ESR_EL2 fields that a host sees of a trapped WFI or WFE: EC and TI. */
const ESR_WFX = (0x3fn << 26n) | 1n

/** An exit that no extension knows to be about anything: time is up, or a device wants the PE. */
const IRQ_EXIT: RecExit = {
  class: 'interrupt',
  id: PHYSICAL_INTERRUPT,
  record: { exit_reason: RMI_EXIT_IRQ },
}
const WFI_EXIT: RecExit = {
  class: 'exception',
  id: WFX,
  record: { exit_reason: RMI_EXIT_SYNC, esr: ESR_WFI & ESR_WFX },
}

/**
 * Runs a REC until an exit reaches the host.
 *
 * @returns The second half of the run page: all that the host learns.
 */
export function runRec(monitor: Monitor, rec: Rec, enter: RmiRecEnter): Uint8Array {
  const exit = completePending(monitor, rec, enter) ?? runGuest(monitor, rec, enter)
  const { listRegisters } = monitor.platform
  const decision = decide(rec, exit)
  emitExit(monitor, rec, exit, decision)
  if (decision.action === 'allow') return exitRecord(exit.record, enter, listRegisters)
  // INVARIANT: a scrubbed exit is answered with nothing but interrupts, so nothing of it stays open.
  rec.mayInjectSea = false
  if (rec.pending.kind === 'host-call') rec.pending = { ...rec.pending, discard: true }
  return scrubbedRecord(enter, listRegisters)
}

/** Takes the host's answer to the last exit. An exit of its own if that met memory the host has taken meanwhile. */
function completePending(monitor: Monitor, rec: Rec, enter: RmiRecEnter): RecExit | undefined {
  if ((enter.flags & RMI_ENTER_INJECT_SEA) !== 0n) rec.inject = 'sea'
  rec.mayInjectSea = false
  const { pending } = rec
  rec.pending = NOTHING_PENDING
  switch (pending.kind) {
    case 'none':
      return undefined
    case 'host-call': {
      if (pending.discard) return undefined
      const page = completeHostCall(monitor, rec, pending.ipa, enter.gprs)
      if (page.kind !== 'fault') return undefined
      const fault = emulatedAbort(page.ipa, page.level)
      // A policy that blocks aborts blocks this one too: the answers are lost, as if the host had given none.
      if (isBlocked(monitor, rec, fault)) return undefined
      rec.pending = pending
      return fault
    }
    case 'retry-call':
      return handleCall(monitor, rec, guestOf(monitor, rec))
  }
}

function runGuest(monitor: Monitor, rec: Rec, enter: RmiRecEnter): RecExit {
  const guest = guestOf(monitor, rec)
  const trapWfi = (enter.flags & RMI_ENTER_TRAP_WFI) !== 0n
  for (;;) {
    const { inject } = rec
    rec.inject = undefined
    const stopped = guest.resume({ inject, trapWfi })
    switch (stopped.kind) {
      case 'irq':
        return IRQ_EXIT
      case 'wfi':
        return WFI_EXIT
      case 'smc': {
        const exit = handleCall(monitor, rec, guest)
        if (exit !== undefined) return exit
        break
      }
      case 'abort': {
        const outcome = handleAbort(monitor, rec, stopped.syndrome)
        if (outcome.kind === 'exit' && !isBlocked(monitor, rec, outcome.exit)) {
          rec.mayInjectSea = outcome.unprotected
          return outcome.exit
        }
        rec.inject = 'sea'
        break
      }
    }
  }
}

/** The guest of a REC; made at its first entry, from the state that RMI_REC_CREATE gave it. */
function guestOf(monitor: Monitor, rec: Rec): Guest {
  if (rec.guest !== undefined) return rec.guest
  const { startTableAddress, startLevel, ipaBits } = rec.realm.identity
  rec.guest = monitor.machine.guests({
    rec: hex(rec.address),
    stage2: { table: startTableAddress, startLevel, ipaBits },
    pc: Number(rec.pc),
    gprs: rec.gprs,
  })
  emitRec(monitor, rec, 'started')
  return rec.guest
}
