import { createRegisters, type GeneralRegisters } from '../registers.ts'
import { SMC_SYNDROME, type Syndrome, TRANSFER, WFE_SYNDROME, WFI_SYNDROME } from '../syndrome.ts'
import { createSystemRegisters, HCR_TWE, HCR_TWI, SYSREG, type SystemRegisters } from '../system-registers.ts'
import { FAULT_32, GuardedAccess } from './access.ts'
import { Core } from './core.ts'
import { reportFault } from './fault-event.ts'
import type { Guest, GuestExit, GuestMaker, GuestStart, PeParts } from './guest.ts'
import { exceptionError, isExceptionError } from './guest-exception.ts'
import { costOfMoving, INSTRUCTION_COST } from './quantum.ts'
import { guestRandomKey, RandomNumbers } from './random.ts'
import { CountedPe } from './system-counter.ts'
import { readSystemRegister, writeSystemRegister } from './system-instructions.ts'

/** A PE instruction of a scripted guest: use it with `yield*`. */
export type Instruction<T> = Generator<GuestExit, T, void>

/** The instruction set of a PE, for a scripted guest. Exceptions of the PE are thrown out of the instruction. */
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
  wfe(): Instruction<void>
  /** Reads a system register: `ICC_IAR1_EL1`, or by its encoding `S3_0_C12_C12_0`. */
  mrs(name: string): Instruction<bigint>
  msr(name: string, value: bigint): Instruction<void>
  rndr(length: number): Instruction<Uint8Array>
  /** No instruction but what the world around a PE does to one: FIQ, SError, an external abort, any syndrome. */
  meet(exit: GuestExit): Instruction<void>
}

/** The program of a scripted guest. When it returns, or does not catch an exception of its PE, its PE halts. */
export type ScriptedProgram = (cpu: ScriptedCpu) => Generator<GuestExit, void, void>

/**
 * Guests that are generators in the same thread, for tests: a resume costs nanoseconds. `choose` says which program a
 * REC runs. An error that is the program's own comes out of `resume`, so that a test sees it.
 */
export function scriptedGuests(choose: (start: GuestStart) => ScriptedProgram): GuestMaker {
  let sequence = 0
  return (start, parts) => new ScriptedGuest(start, parts, choose(start), sequence++)
}

const SMC: GuestExit = { kind: 'sync', syndrome: SMC_SYNDROME }
const WFI: GuestExit = { kind: 'sync', syndrome: WFI_SYNDROME }
const WFE: GuestExit = { kind: 'sync', syndrome: WFE_SYNDROME }
const IRQ: GuestExit = { kind: 'irq' }

class ScriptedGuest implements Guest, ScriptedCpu {
  readonly x: GeneralRegisters = createRegisters()
  readonly system: SystemRegisters = createSystemRegisters()
  readonly #rec: string
  readonly #parts: PeParts
  readonly #access: GuardedAccess
  readonly #core: Core
  readonly #time: CountedPe
  readonly #random: RandomNumbers
  #program: Generator<GuestExit, void, void> | undefined

  constructor(start: GuestStart, parts: PeParts, program: ScriptedProgram, sequence: number) {
    this.#rec = start.rec
    this.#parts = parts
    this.#access = new GuardedAccess(parts.memory, start.stage2)
    this.#core = new Core(this.x, this.system, this.#access.counters, start.pc, parts.quantum)
    this.#time = new CountedPe(parts.clock, this.system)
    this.#random = new RandomNumbers(guestRandomKey(parts.seed, start.rec, sequence))
    for (const [index, value] of start.gprs.entries()) this.x[index] = value
    this.#program = program(this)
  }

  resume(): GuestExit {
    const exit = this.#step()
    this.#time.count()
    this.#access.counters.report(this.#parts.events, this.#rec)
    return exit
  }

  stop(): void {
    this.#program = undefined
  }

  #step(): GuestExit {
    try {
      const step = this.#program?.next()
      if (step !== undefined && step.done !== true) return step.value
    } catch (error) {
      if (!isExceptionError(error)) throw error
    }
    this.#program = undefined
    return this.#traps(HCR_TWI) ? WFI : IRQ
  }

  *load(ipa: number, length: number): Instruction<Uint8Array> {
    const bytes = new Uint8Array(length)
    yield* this.#begin(costOfMoving(length), length)
    while (!this.#access.load(ipa, bytes)) yield* this.#abort(TRANSFER.none)
    return bytes
  }

  *fetch(ipa: number, length: number): Instruction<Uint8Array> {
    const bytes = new Uint8Array(length)
    yield* this.#begin(costOfMoving(length), length)
    while (!this.#access.fetch(ipa, bytes)) yield* this.#abort(TRANSFER.none)
    return bytes
  }

  *store(ipa: number, bytes: Uint8Array): Instruction<void> {
    yield* this.#begin(costOfMoving(bytes.length), bytes.length)
    while (!this.#access.store(ipa, bytes)) yield* this.#abort(TRANSFER.none)
  }

  *copy(toIpa: number, fromIpa: number, length: number): Instruction<void> {
    yield* this.#begin(costOfMoving(length), length)
    while (!this.#access.copy(toIpa, fromIpa, length)) yield* this.#abort(TRANSFER.none)
  }

  *load32(ipa: number): Instruction<number> {
    yield* this.#begin(INSTRUCTION_COST.one, 4)
    for (;;) {
      const value = this.#access.load32(ipa)
      if (value !== FAULT_32) return value
      if (yield* this.#abort(TRANSFER.word)) return this.#core.transferred32
    }
  }

  *store32(ipa: number, value: number): Instruction<void> {
    yield* this.#begin(INSTRUCTION_COST.one, 4)
    while (!this.#access.store32(ipa, value)) {
      this.#core.transferred32 = value
      if (yield* this.#abort(TRANSFER.word)) return
    }
  }

  *load64(ipa: number): Instruction<bigint> {
    yield* this.#begin(INSTRUCTION_COST.one, 8)
    for (;;) {
      const value = this.#access.load64(ipa)
      if (value !== undefined) return value
      if (yield* this.#abort(TRANSFER.doubleword)) return this.#core.transferred
    }
  }

  *store64(ipa: number, value: bigint): Instruction<void> {
    yield* this.#begin(INSTRUCTION_COST.one, 8)
    while (!this.#access.store64(ipa, value)) {
      this.#core.transferred = value
      if (yield* this.#abort(TRANSFER.doubleword)) return
    }
  }

  *smc(x: readonly bigint[]): Instruction<readonly bigint[]> {
    yield* this.#begin(INSTRUCTION_COST.smc, 0)
    this.x.fill(0n)
    for (const [index, value] of x.entries()) this.x[index] = value
    while (!(yield* this.#leave(SMC)));
    return Array.from(this.x)
  }

  *wfi(): Instruction<void> {
    yield* this.#begin(INSTRUCTION_COST.one, 0)
    if (this.#core.wakes()) return
    // With nothing to do on the PE, waiting means until the next physical interrupt.
    yield* this.#leave(this.#traps(HCR_TWI) ? WFI : IRQ)
  }

  *wfe(): Instruction<void> {
    yield* this.#begin(INSTRUCTION_COST.one, 0)
    if (this.#traps(HCR_TWE)) yield* this.#leave(WFE)
  }

  *mrs(name: string): Instruction<bigint> {
    yield* this.#begin(INSTRUCTION_COST.one, 0)
    for (;;) {
      const value = readSystemRegister(this.#core, name)
      if (typeof value === 'bigint') return value
      if (value === 'undefined') throw exceptionError(value)
      if (yield* this.#trap(value)) return this.#core.transferred
    }
  }

  *msr(name: string, value: bigint): Instruction<void> {
    yield* this.#begin(INSTRUCTION_COST.one, 0)
    for (;;) {
      const written = writeSystemRegister(this.#core, name, value)
      if (written === 'done') return
      if (written === 'undefined') throw exceptionError(written)
      if (yield* this.#trap(written)) return
    }
  }

  *rndr(length: number): Instruction<Uint8Array> {
    yield* this.#begin(costOfMoving(length), 0)
    return this.#random.bytes(length)
  }

  *meet(exit: GuestExit): Instruction<void> {
    yield* this.#leave(exit)
  }

  #traps(trap: bigint): boolean {
    return (this.system[SYSREG.HCR_EL2]! & trap) !== 0n
  }

  /** Before every instruction: an interrupt or an SError, if one comes first. */
  *#begin(cost: number, length: number): Instruction<void> {
    while (!this.#core.begin(cost, length)) {
      if (this.#core.takeSError()) throw exceptionError('serror')
      yield* this.#leave(IRQ)
    }
  }

  /** True if the access has been done by the host, false if it is to be made again. */
  *#abort(transfer: bigint): Instruction<boolean> {
    reportFault(this.#parts.events, this.#rec, this.#access.fault)
    return yield* this.#trap(this.#access.syndrome(transfer))
  }

  /** As {@link #leave}, for what an instruction may meet besides calls and waits. */
  *#trap(syndrome: Syndrome): Instruction<boolean> {
    this.#core.chargeTrap()
    return yield* this.#leave({ kind: 'sync', syndrome })
  }

  /** True if the instruction is done, false if it is to be executed again. */
  *#leave(exit: GuestExit): Instruction<boolean> {
    this.#core.leave()
    yield exit
    const resumption = this.#core.enter(exit.kind === 'irq')
    if (resumption === 'again' || resumption === 'done') return resumption === 'done'
    throw exceptionError(resumption)
  }
}
