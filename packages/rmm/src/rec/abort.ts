import { EC, exceptionClass, type Guest, registerField, SYSREG, type Syndrome } from '@mica/hw-sim'
import { RIPAS_EMPTY, RMI_EXIT_SYNC, type RmiRecExit } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Realm } from '../realm/realm.ts'
import { walkTables } from '../rtt/walk.ts'
import { injectSea } from './exception.ts'
import type { RecExit } from './exit.ts'
import { isWrite, storedValue } from './mmio.ts'
import type { Rec } from './rec.ts'
import { isBlocked } from './transition.ts'

/** ESR_EL2 fields that a host sees of any abort: EC, SET, FnV, EA, xFSC. */
const ESR_ABORT = (0x3fn << 26n) | (3n << 11n) | (1n << 10n) | (1n << 9n) | 0x3fn
/** And of a data abort at an unprotected address, which it may emulate: ISV, SAS, SF, WnR as well. */
const ESR_EMULATABLE = ESR_ABORT | (1n << 24n) | (3n << 22n) | (1n << 15n) | (1n << 6n)
/** Bits 11:0 of FAR_EL2: where in its page. */
const FAR_PAGE_OFFSET = 0xfffn
/** HPFAR_EL2.FIPA, from bit 4 on: what addresses of 52 bits need of it. */
const FIPA_BITS = 40

/** xFSC: an external abort, on the access or on a table walk; a translation fault. */
const FSC_EXTERNAL = 0x10
const FSC_EXTERNAL_ON_WALK = [0x13, 0x17] as const
const FSC_TRANSLATION = [0x04, 0x07] as const
const FSC_TRANSLATION_LEVEL_MINUS_1 = 0x2b

/** PSTATE.nRW, in SPSR_EL2. */
const PSTATE_NRW = 0x10n

/** ESR_EL2.SET of an external abort after which the instruction may be executed again: the guest loses nothing. */
const SET_RESTARTABLE = 3

/**
 * Handles an abort (DEN0137 A5.3.4): the host hears of addresses that it should populate or emulate, the Realm of
 * addresses where nothing can be. Shared memory counts as empty: an access that its rights forbid never leaves the
 * Realm.
 *
 * @returns The exit that it leads to, or `undefined` if the guest takes the abort itself and goes on.
 */
export function handleAbort(monitor: Monitor, rec: Rec, guest: Guest, abort: Syndrome): RecExit | undefined {
  const shown = shownOf(monitor, rec, guest, abort)
  if (shown !== undefined) {
    const record = { exit_reason: RMI_EXIT_SYNC, ...shown }
    const exit: RecExit = { class: 'exception', id: exceptionClass(abort.esr), record }
    if (!isBlocked(monitor, rec, exit)) {
      // The machine has recovered; the guest has lost its access all the same.
      if (isExternalAbort(abort.esr) && registerField(abort.esr, 11, 2) !== SET_RESTARTABLE) injectSea(guest, abort)
      return exit
    }
  }
  injectSea(guest, abort)
  return undefined
}

/** What a host is told of an abort; `undefined` if it is the Realm's own affair. */
function shownOf(monitor: Monitor, rec: Rec, guest: Guest, abort: Syndrome): Partial<RmiRecExit> | undefined {
  const { esr, far, hpfar } = abort
  // An address is unknown, so it is not told.
  if (isExternalAbort(esr)) return { esr: esr & ESR_ABORT }
  const { realm } = rec
  const ipa = faultAddress(hpfar)
  if (ipa >= realm.ipaLimit) return undefined
  const isInstruction = exceptionClass(esr) === EC.instructionAbort
  if (!realm.isProtected(ipa)) {
    if (isInstruction) return undefined
    if (isAArch32(guest)) return { esr: esr & ESR_ABORT, hpfar }
    const gprs = isWrite(esr) ? [storedValue(guest, esr)] : []
    return { esr: esr & ESR_EMULATABLE, far: far & FAR_PAGE_OFFSET, hpfar, gprs }
  }
  if (isNobodysMemory(monitor, realm, ipa)) return undefined
  // The recorded firmware expects nothing but translation faults of a fetch, and is silent about others.
  if (isInstruction && !isTranslationFault(monitor, esr)) return {}
  return { esr: esr & ESR_ABORT, hpfar }
}

/** Whether the guest was in AArch32: nobody emulates what it does there. */
export function isAArch32({ system }: Guest): boolean {
  return (system[SYSREG.SPSR_EL2]! & PSTATE_NRW) !== 0n
}

/** The page that an abort is about. */
export function faultAddress(hpfar: bigint): number {
  return Number(BigInt.asUintN(FIPA_BITS, hpfar >> 4n) << 12n)
}

/** Whether memory, not translation, refused an access: hardware reports an error, its address is unknown. */
export function isExternalAbort(esr: bigint): boolean {
  const fsc = registerField(esr, 0, 6)
  const [first, last] = FSC_EXTERNAL_ON_WALK
  return fsc === FSC_EXTERNAL || (fsc >= first && fsc <= last)
}

/** The recorded firmware does not know that of level -1: a host would never learn which table a fetch is without. */
function isTranslationFault({ firmware }: Monitor, esr: bigint): boolean {
  const fsc = registerField(esr, 0, 6)
  const [first, last] = FSC_TRANSLATION
  return (fsc >= first && fsc <= last) || (fsc === FSC_TRANSLATION_LEVEL_MINUS_1 && firmware === undefined)
}

function isNobodysMemory(monitor: Monitor, realm: Realm, ipa: number): boolean {
  const { entry } = walkTables(monitor.memory, realm, ipa, 3)
  return entry.state === 'shared' || ('ripas' in entry && entry.ripas === RIPAS_EMPTY)
}

/** The data abort that a call of the Realm would have met, made up by the monitor on its behalf. */
export function emulatedAbort(ipa: number, level: number): RecExit {
  const fsc = level < 0 ? FSC_TRANSLATION_LEVEL_MINUS_1 : FSC_TRANSLATION[0] + level
  const esr = (BigInt(EC.dataAbort) << 26n) | BigInt(fsc)
  // The recorded firmware does not align the address of the buffer here, so neither does this.
  const record = { exit_reason: RMI_EXIT_SYNC, esr, hpfar: BigInt(Math.floor(ipa / 256)) }
  return { class: 'exception', id: EC.dataAbort, record }
}
