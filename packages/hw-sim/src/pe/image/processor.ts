import { SMC_SYNDROME, type Syndrome, WFE_SYNDROME, WFI_SYNDROME } from '../../syndrome.ts'
import { HCR_TWE, HCR_TWI, SYSREG } from '../../system-registers.ts'
import type { GuardedAccess } from '../access.ts'
import type { Core, Resumption } from '../core.ts'
import type { GuestException } from '../guest-exception.ts'
import type { RandomNumbers } from '../random.ts'
import {
  ACCESS_CODES,
  type ControlBlock,
  DOUBLE,
  EXIT_CODES,
  FAULT_CODES,
  HALT_CODES,
  type HaltReason,
  STATE,
  WORD,
} from './control-block.ts'

/**
 * The PE of one image guest, in the guest's thread: takes exits to the machine and comes back from them.
 *
 * It has no idea of the guest's language; {@link instructionSet} makes of it what the guest can call.
 */
export class Processor {
  readonly access: GuardedAccess
  readonly core: Core
  readonly random: RandomNumbers
  readonly #control: ControlBlock

  constructor(control: ControlBlock, access: GuardedAccess, core: Core, random: RandomNumbers) {
    this.#control = control
    this.access = access
    this.core = core
    this.random = random
  }

  /**
   * Before every instruction: an interrupt or an SError, if one comes first.
   *
   * @param length Bytes the instruction moves.
   * @returns The exception that is taken instead of the instruction, if one is.
   */
  begin(cost: number, length: number): GuestException | undefined {
    // A thread that was told to end, and has not yet, must not touch memory that is no longer its Realm's.
    if (this.#control.words[WORD.stopped] !== 0) this.#park()
    while (!this.core.begin(cost, length)) {
      if (this.core.takeSError()) return 'serror'
      const resumption = this.#leave('irq')
      if (resumption !== 'again' && resumption !== 'done') return resumption
    }
    return undefined
  }

  /**
   * Takes the abort of the last access.
   *
   * @param transfer What the instruction loads or stores: one of `TRANSFER`.
   */
  abort(transfer: bigint): Resumption {
    const { words, doubles } = this.#control
    const { fault } = this.access
    doubles[DOUBLE.faultIpa] = fault.ipa
    words[WORD.faultKind] = ACCESS_CODES.indexOf(fault.kind)
    words[WORD.faultCause] = FAULT_CODES.indexOf(fault.fault)
    words[WORD.faultLevel] = fault.level
    this.#control.syndrome = this.access.syndrome(transfer)
    this.core.chargeTrap()
    return this.#leave('abort')
  }

  /** Takes the trap of a system register. */
  trap(syndrome: Syndrome): Resumption {
    this.core.chargeTrap()
    return this.#sync(syndrome)
  }

  /** Calls the monitor with `registers`, and leaves there what it answered. */
  smc(registers: BigUint64Array): GuestException | undefined {
    this.#control.x.set(registers)
    let resumption: Resumption
    do resumption = this.#sync(SMC_SYNDROME)
    while (resumption === 'again')
    registers.set(this.#control.x)
    return resumption === 'done' ? undefined : resumption
  }

  /** Waits for an interrupt: leaves to the monitor if that is trapped, else until the next physical interrupt. */
  wfi(): Resumption {
    if (this.core.wakes()) return 'done'
    return this.#traps(HCR_TWI) ? this.#sync(WFI_SYNDROME) : this.#leave('irq')
  }

  /**
   * Waits for an event if that is trapped.
   *
   * SIMPLIFIED: WFE that is not trapped goes on at once, as if there had been an event.
   */
  wfe(): Resumption {
    return this.#traps(HCR_TWE) ? this.#sync(WFE_SYNDROME) : 'done'
  }

  /** Ends the guest: what the machine makes of its REC from now on is waiting for interrupts. */
  halt(reason: HaltReason, text: string): never {
    this.#control.text = text
    this.#control.words[WORD.halted] = HALT_CODES.indexOf(reason)
    this.#control.give(STATE.exited)
    return this.#park()
  }

  /** Waits for the first entry. */
  awaitEntry(): void {
    while (this.#control.state !== STATE.running) this.#control.waitWhile(STATE.ready, Number.POSITIVE_INFINITY)
  }

  #traps(trap: bigint): boolean {
    return (this.core.system[SYSREG.HCR_EL2]! & trap) !== 0n
  }

  #sync(syndrome: Syndrome): Resumption {
    this.#control.syndrome = syndrome
    return this.#leave('sync')
  }

  #leave(exit: (typeof EXIT_CODES)[number]): Resumption {
    // INVARIANT: nothing throws between giving the turn away and having it back. The one thing that could is a guest
    // that calls with its stack all but used up, so the stack that is needed is tried first.
    reserveStack(STACK_FRAMES)
    this.core.leave()
    this.#control.words[WORD.exit] = EXIT_CODES.indexOf(exit)
    this.#control.give(STATE.exited)
    while (this.#control.state !== STATE.running) this.#control.waitWhile(STATE.exited, Number.POSITIVE_INFINITY)
    return this.core.enter(exit === 'irq')
  }

  /** Does nothing more, until the thread is ended from outside. */
  #park(): never {
    for (;;) Atomics.wait(this.#control.words, WORD.stopped, this.#control.words[WORD.stopped] ?? 0)
  }
}

const STACK_FRAMES = 64

/** Throws a RangeError if there is not room for so many calls on the stack. */
function reserveStack(frames: number): number {
  return frames === 0 ? 0 : 1 + reserveStack(frames - 1)
}
