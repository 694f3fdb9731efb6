import { createRegisters, type GeneralRegisters } from '../registers.ts'
import { FAULT_32, GuardedAccess } from './access.ts'
import { reportFault } from './fault-event.ts'
import type { Guest, GuestEntry, GuestExit, GuestMaker, GuestStart, PeParts } from './guest.ts'
import { type InjectedException, injectedError, isInjectedError } from './guest-exception.ts'
import { costOfMoving, INSTRUCTION_COST, Quantum } from './quantum.ts'
import { guestRandomKey, RandomNumbers } from './random.ts'

/** A PE instruction of a scripted guest: use it with `yield*`. */
export type Instruction<T> = Generator<GuestExit, T, GuestEntry>

/** The instruction set of a PE, for a scripted guest. Injected exceptions are thrown out of the instruction. */
export interface ScriptedCpu {
  load(ipa: number, length: number): Instruction<Uint8Array>
  store(ipa: number, bytes: Uint8Array): Instruction<void>
  load32(ipa: number): Instruction<number>
  store32(ipa: number, value: number): Instruction<void>
  load64(ipa: number): Instruction<bigint>
  store64(ipa: number, value: bigint): Instruction<void>
  copy(toIpa: number, fromIpa: number, length: number): Instruction<void>
  /** Reads as the PE fetches instructions: what execute permission decides. */
  fetch(ipa: number, length: number): Instruction<Uint8Array>
  /** Up to 31 registers in, the missing are 0; all 31 out. */
  smc(x: readonly bigint[]): Instruction<readonly bigint[]>
  wfi(): Instruction<void>
  rndr(length: number): Instruction<Uint8Array>
}

/** The program of a scripted guest. When it returns, or does not catch an injected exception, its PE halts. */
export type ScriptedProgram = (cpu: ScriptedCpu) => Generator<GuestExit, void, GuestEntry>

/**
 * Guests that are generators in the same thread, for tests: a resume costs nanoseconds. `choose` says which program a
 * REC runs. An error that is the program's own comes out of `resume`, so that a test sees it.
 */
export function scriptedGuests(choose: (start: GuestStart) => ScriptedProgram): GuestMaker {
  let sequence = 0
  return (start, parts) => new ScriptedGuest(start, parts, choose(start), sequence++)
}

const SMC: GuestExit = { kind: 'smc' }
const WFI: GuestExit = { kind: 'wfi' }
const IRQ: GuestExit = { kind: 'irq' }

class ScriptedGuest implements Guest, ScriptedCpu {
  readonly x: GeneralRegisters = createRegisters()
  readonly #rec: string
  readonly #parts: PeParts
  readonly #access: GuardedAccess
  readonly #quantum: Quantum
  readonly #random: RandomNumbers
  #program: Generator<GuestExit, void, GuestEntry> | undefined
  #entry: GuestEntry = { trapWfi: false }

  constructor(start: GuestStart, parts: PeParts, program: ScriptedProgram, sequence: number) {
    this.#rec = start.rec
    this.#parts = parts
    this.#access = new GuardedAccess(parts.memory, start.stage2)
    this.#quantum = new Quantum(parts.quantum)
    this.#random = new RandomNumbers(guestRandomKey(parts.seed, start.rec, sequence))
    for (const [index, value] of start.gprs.entries()) this.x[index] = value
    this.#program = program(this)
  }

  resume(entry: GuestEntry): GuestExit {
    this.#entry = entry
    const exit = this.#step(entry)
    this.#access.counters.report(this.#parts.events, this.#rec)
    return exit
  }

  stop(): void {
    this.#program = undefined
  }

  #step(entry: GuestEntry): GuestExit {
    try {
      const step = this.#program?.next(entry)
      if (step !== undefined && step.done !== true) return step.value
    } catch (error) {
      if (!isInjectedError(error)) throw error
    }
    this.#program = undefined
    return entry.trapWfi ? WFI : IRQ
  }

  *load(ipa: number, length: number): Instruction<Uint8Array> {
    const bytes = new Uint8Array(length)
    yield* this.#begin(costOfMoving(length), length)
    while (!this.#access.load(ipa, bytes)) yield* this.#abort()
    return bytes
  }

  *fetch(ipa: number, length: number): Instruction<Uint8Array> {
    const bytes = new Uint8Array(length)
    yield* this.#begin(costOfMoving(length), length)
    while (!this.#access.fetch(ipa, bytes)) yield* this.#abort()
    return bytes
  }

  *store(ipa: number, bytes: Uint8Array): Instruction<void> {
    yield* this.#begin(costOfMoving(bytes.length), bytes.length)
    while (!this.#access.store(ipa, bytes)) yield* this.#abort()
  }

  *copy(toIpa: number, fromIpa: number, length: number): Instruction<void> {
    yield* this.#begin(costOfMoving(length), length)
    while (!this.#access.copy(toIpa, fromIpa, length)) yield* this.#abort()
  }

  *load32(ipa: number): Instruction<number> {
    yield* this.#begin(INSTRUCTION_COST.one, 4)
    for (;;) {
      const value = this.#access.load32(ipa)
      if (value !== FAULT_32) return value
      yield* this.#abort()
    }
  }

  *store32(ipa: number, value: number): Instruction<void> {
    yield* this.#begin(INSTRUCTION_COST.one, 4)
    while (!this.#access.store32(ipa, value)) yield* this.#abort()
  }

  *load64(ipa: number): Instruction<bigint> {
    yield* this.#begin(INSTRUCTION_COST.one, 8)
    for (;;) {
      const value = this.#access.load64(ipa)
      if (value !== undefined) return value
      yield* this.#abort()
    }
  }

  *store64(ipa: number, value: bigint): Instruction<void> {
    yield* this.#begin(INSTRUCTION_COST.one, 8)
    while (!this.#access.store64(ipa, value)) yield* this.#abort()
  }

  *smc(x: readonly bigint[]): Instruction<readonly bigint[]> {
    yield* this.#begin(INSTRUCTION_COST.smc, 0)
    this.x.fill(0n)
    for (const [index, value] of x.entries()) this.x[index] = value
    yield* this.#leave(SMC)
    return Array.from(this.x)
  }

  *wfi(): Instruction<void> {
    yield* this.#begin(INSTRUCTION_COST.one, 0)
    // With nothing to do on the PE, waiting means until the next physical interrupt.
    yield* this.#leave(this.#entry.trapWfi ? WFI : IRQ)
  }

  *rndr(length: number): Instruction<Uint8Array> {
    yield* this.#begin(costOfMoving(length), 0)
    return this.#random.bytes(length)
  }

  /** Before every instruction: a physical interrupt if the quantum is used up or the access counters are. */
  *#begin(cost: number, length: number): Instruction<void> {
    while (!(this.#access.counters.hasRoom(length) && this.#quantum.charge(cost))) {
      yield* this.#leave(IRQ)
    }
  }

  *#abort(): Instruction<void> {
    reportFault(this.#parts.events, this.#rec, this.#access.fault)
    yield* this.#leave({ kind: 'abort', syndrome: this.#access.syndrome() })
  }

  *#leave(exit: GuestExit): Instruction<void> {
    const entry = yield exit
    if (exit === IRQ) this.#quantum.restart()
    const exception: InjectedException | undefined = entry.inject
    if (exception !== undefined) throw injectedError(exception)
  }
}
