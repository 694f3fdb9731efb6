import { type AbortSyndrome, EC, exceptionClass } from '@mica/hw-sim'
import { RIPAS_EMPTY, RMI_EXIT_SYNC } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import { walkTables } from '../rtt/walk.ts'
import type { RecExit } from './exit.ts'
import type { Rec } from './rec.ts'

/** ESR_EL2 fields that a host sees of any abort: EC, SET, FnV, EA, xFSC. */
const ESR_ABORT = (0x3fn << 26n) | (3n << 11n) | (1n << 10n) | (1n << 9n) | 0x3fn
/** And of a data abort at an unprotected address, which it may emulate: ISV, SAS, SF, WnR as well. */
const ESR_EMULATABLE = ESR_ABORT | (1n << 24n) | (3n << 22n) | (1n << 15n) | (1n << 6n)
/** Bits 11:0 of FAR_EL2: where in its page. */
const FAR_PAGE_OFFSET = 0xfffn

/** What an abort leads to. */
export type AbortOutcome =
  /** The Realm touched what is not its memory: it takes the abort itself. */
  { readonly kind: 'inject' } | { readonly kind: 'exit'; readonly exit: RecExit; readonly unprotected: boolean }

/**
 * Decides about a stage-2 abort (DEN0137 A5.3.4): the host hears of addresses that it should populate or emulate, the
 * Realm of addresses where nothing can be. Shared memory counts as empty: an access that its rights forbid never
 * leaves the Realm.
 */
export function handleAbort(monitor: Monitor, rec: Rec, syndrome: AbortSyndrome): AbortOutcome {
  const { realm } = rec
  const instruction = exceptionClass(syndrome.esr) === EC.instructionAbort
  const ipa = Number((syndrome.hpfar >> 4n) << 12n)
  if (ipa >= realm.ipaLimit) return { kind: 'inject' }
  const id = instruction ? EC.instructionAbort : EC.dataAbort
  if (!realm.isProtected(ipa)) {
    if (instruction) return { kind: 'inject' }
    const esr = syndrome.esr & ESR_EMULATABLE
    const record = { exit_reason: RMI_EXIT_SYNC, esr, far: syndrome.far & FAR_PAGE_OFFSET, hpfar: syndrome.hpfar }
    return { kind: 'exit', exit: { class: 'exception', id, record }, unprotected: true }
  }
  if (isNobodysMemory(monitor, rec, ipa)) return { kind: 'inject' }
  const record = { exit_reason: RMI_EXIT_SYNC, esr: syndrome.esr & ESR_ABORT, hpfar: syndrome.hpfar }
  return { kind: 'exit', exit: { class: 'exception', id, record }, unprotected: false }
}

function isNobodysMemory(monitor: Monitor, rec: Rec, ipa: number): boolean {
  const { entry } = walkTables(monitor.memory, rec.realm, ipa, 3)
  return entry.state === 'shared' || ('ripas' in entry && entry.ripas === RIPAS_EMPTY)
}

/** DFSC of a translation fault, to which the level is added. */
const DFSC_TRANSLATION = 0x04

/** The data abort that a call of the Realm would have met, made up by the monitor on its behalf. */
export function emulatedAbort(ipa: number, level: number): RecExit {
  const esr = (BigInt(EC.dataAbort) << 26n) | BigInt(DFSC_TRANSLATION + level)
  // The recorded firmware does not align the address of the buffer here, so neither does this.
  const record = { exit_reason: RMI_EXIT_SYNC, esr, hpfar: BigInt(Math.floor(ipa / 256)) }
  return { class: 'exception', id: EC.dataAbort, record }
}
