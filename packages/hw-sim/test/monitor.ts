import {
  EC,
  esrOf,
  exceptionClass,
  type Guest,
  type GuestExit,
  HCR_TWE,
  HCR_TWI,
  INSTRUCTION_SIZE,
  SYSREG,
} from '../src/index.ts'

/** How a test lets an interrupted instruction go on. */
export type Answer = 'again' | 'done' | 'sea' | 'undefined'

/** What a test asks of an entry. */
export interface Entry {
  readonly trapWaits?: boolean
  /** By default a call or a wait is done, and anything else is tried again. */
  readonly answer?: Answer
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [EC.smc, 'smc'],
  [EC.wfx, 'wait'],
  [EC.sysreg, 'sysreg'],
  [EC.dataAbort, 'abort'],
  [EC.instructionAbort, 'abort'],
])

/** An exit in a word. */
export function nameOf(exit: GuestExit): string {
  if (exit.kind !== 'sync') return exit.kind
  return NAMES.get(exceptionClass(exit.syndrome.esr)) ?? 'sync'
}

const lastExits = new WeakMap<Guest, GuestExit>()

/** Enters a guest as a monitor does that only knows how to answer exits. */
export function enter(guest: Guest, { trapWaits = true, answer }: Entry = {}): GuestExit {
  const last = lastExits.get(guest)
  const usual = last !== undefined && ['smc', 'wait'].includes(nameOf(last)) ? 'done' : 'again'
  goOn(guest, answer ?? usual)
  guest.system[SYSREG.HCR_EL2] = trapWaits ? HCR_TWI | HCR_TWE : 0n
  const exit = guest.resume()
  lastExits.set(guest, exit)
  return exit
}

function goOn({ system }: Guest, answer: Answer): void {
  if (answer === 'again') return
  if (answer === 'done') {
    system[SYSREG.ELR_EL2] = system[SYSREG.ELR_EL2]! + INSTRUCTION_SIZE
    return
  }
  system[SYSREG.ESR_EL1] = esrOf(answer === 'sea' ? EC.dataAbortSameEl : EC.unknown, 0n)
  system[SYSREG.ELR_EL2] = system[SYSREG.VBAR_EL1]! + 0x200n
}
