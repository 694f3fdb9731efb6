import type { GuardedAccess } from '../access.ts'
import type { InjectedException } from '../guest-exception.ts'
import type { Quantum } from '../quantum.ts'
import type { RandomNumbers } from '../random.ts'
import {
  ACCESS_CODES,
  type ControlBlock,
  DOUBLE,
  EXIT_CODES,
  FAULT_CODES,
  HALT_CODES,
  type HaltReason,
  INJECT_CODES,
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
  readonly random: RandomNumbers
  readonly #control: ControlBlock
  readonly #quantum: Quantum

  constructor(control: ControlBlock, access: GuardedAccess, quantum: Quantum, random: RandomNumbers) {
    this.#control = control
    this.access = access
    this.#quantum = quantum
    this.random = random
  }

  /**
   * Before every instruction: a physical interrupt if the quantum or the access counters are used up.
   *
   * @param length Bytes the instruction moves.
   * @returns The exception that was injected instead of the instruction, if one was.
   */
  begin(cost: number, length: number): InjectedException | undefined {
    // A thread that was told to end, and has not yet, must not touch memory that is no longer its Realm's.
    if (this.#control.words[WORD.stopped] !== 0) this.#park()
    while (!(this.access.counters.hasRoom(length) && this.#quantum.charge(cost))) {
      const exception = this.#leave('irq')
      if (exception !== undefined) return exception
    }
    return undefined
  }

  /** Takes the abort of the last access; the instruction is then executed again, unless an exception is injected. */
  abort(): InjectedException | undefined {
    const { words, doubles } = this.#control
    const { fault } = this.access
    doubles[DOUBLE.faultIpa] = fault.ipa
    words[WORD.faultKind] = ACCESS_CODES.indexOf(fault.kind)
    words[WORD.faultCause] = FAULT_CODES.indexOf(fault.fault)
    words[WORD.faultLevel] = fault.level
    return this.#leave('abort')
  }

  /** Calls the monitor with `registers`, and leaves there what it answered. */
  smc(registers: BigUint64Array): InjectedException | undefined {
    this.#control.x.set(registers)
    const exception = this.#leave('smc')
    registers.set(this.#control.x)
    return exception
  }

  /** Waits for an interrupt: leaves to the monitor if that is trapped, else until the next physical interrupt. */
  wfi(): InjectedException | undefined {
    if (this.#control.words[WORD.trapWfi] !== 0) return this.#leave('wfi')
    return this.#leave('irq')
  }

  /** Ends the guest: what the machine makes of its REC from now on is waiting for interrupts. */
  halt(reason: HaltReason, text: string): never {
    this.#control.text = text
    this.#control.words[WORD.halted] = HALT_CODES.indexOf(reason)
    this.#control.give(STATE.exited)
    return this.#park()
  }

  /** Waits for the first entry. */
  awaitEntry(): InjectedException | undefined {
    while (this.#control.state !== STATE.running) this.#control.waitWhile(STATE.ready, Number.POSITIVE_INFINITY)
    return INJECT_CODES[this.#control.words[WORD.inject] ?? 0]
  }

  #leave(exit: (typeof EXIT_CODES)[number]): InjectedException | undefined {
    // INVARIANT: nothing throws between giving the turn away and having it back. The one thing that could is a guest
    // that calls with its stack all but used up, so the stack that is needed is tried first.
    reserveStack(STACK_FRAMES)
    this.#control.words[WORD.exit] = EXIT_CODES.indexOf(exit)
    this.#control.give(STATE.exited)
    while (this.#control.state !== STATE.running) this.#control.waitWhile(STATE.exited, Number.POSITIVE_INFINITY)
    if (exit === 'irq') this.#quantum.restart()
    return INJECT_CODES[this.#control.words[WORD.inject] ?? 0]
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
