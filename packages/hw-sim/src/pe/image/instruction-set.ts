import { GENERAL_REGISTER_COUNT } from '../../registers.ts'
import { TRANSFER } from '../../syndrome.ts'
import { FAULT_32, MAX_MOVE } from '../access.ts'
import type { Resumption } from '../core.ts'
import { exceptionError, type GuestException } from '../guest-exception.ts'
import { costOfMoving, INSTRUCTION_COST } from '../quantum.ts'
import { isSystemRegisterName, readSystemRegister, writeSystemRegister } from '../system-instructions.ts'
import type { Processor } from './processor.ts'

/** What an image guest finds as `pe`: the instruction set of its PE, and everything it can reach outside its heap. */
export interface InstructionSet {
  /** A copy of `length` bytes of memory, over a buffer of its own. */
  load(ipa: number, length: number): Uint8Array
  store(ipa: number, bytes: Uint8Array): void
  load32(ipa: number): number
  store32(ipa: number, value: number): void
  load64(ipa: number): bigint
  store64(ipa: number, value: bigint): void
  copy(toIpa: number, fromIpa: number, length: number): void
  /** Calls the monitor. Up to 31 registers in, the missing are 0; all 31 out. */
  smc(x: readonly bigint[]): bigint[]
  wfi(): void
  wfe(): void
  /** Reads a system register: `ICC_IAR1_EL1`, or by its encoding `S3_0_C12_C12_0`. */
  mrs(name: string): bigint
  msr(name: string, value: bigint): void
  /** Random bytes, at most {@link MAX_RANDOM}. */
  rndr(length: number): Uint8Array
}

/** Most bytes of one {@link InstructionSet.rndr}. */
export const MAX_RANDOM = 65_536

/** Taken while the realm of this thread is still its own; on an object of the guest, `length` may be the guest's code. */
const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype)
const getter = (name: PropertyKey): ((this: unknown) => unknown) =>
  Object.getOwnPropertyDescriptor(typedArrayPrototype, name)!.get!
const kindOf = getter(Symbol.toStringTag)
const bufferOf = getter('buffer')
const offsetOf = getter('byteOffset')
const lengthOf = getter('byteLength')
const { apply } = Reflect

/**
 * The instruction set of a PE as functions for its guest. The caller hardens it before the guest sees it.
 *
 * INVARIANT: nothing that the guest gets or catches leads to an object of the machine. Arguments are checked without
 * running the guest's code, or, for the array of an SMC, before anything happens; results are fresh copies; errors
 * are made here, of the primordials that the guest has as well.
 *
 * SIMPLIFIED: an instruction that waits or is interrupted blocks the guest's thread in the middle of its call.
 */
export function instructionSet(processor: Processor): InstructionSet {
  const { access, core } = processor
  const begin = (cost: number, length: number): void => raise(processor.begin(cost, length))
  const abort = (transfer: bigint): boolean => isDone(processor.abort(transfer))
  return {
    load(ipa, length) {
      checkAddress(ipa)
      checkLength(length, MAX_MOVE)
      begin(costOfMoving(length), length)
      const bytes = new Uint8Array(length)
      while (!access.load(ipa, bytes)) abort(TRANSFER.none)
      return bytes
    },
    store(ipa, bytes) {
      checkAddress(ipa)
      const source = plainBytes(bytes)
      checkLength(source.length, MAX_MOVE)
      begin(costOfMoving(source.length), source.length)
      while (!access.store(ipa, source)) abort(TRANSFER.none)
    },
    load32(ipa) {
      checkAddress(ipa)
      begin(INSTRUCTION_COST.one, 4)
      for (;;) {
        const value = access.load32(ipa)
        if (value !== FAULT_32) return value
        if (abort(TRANSFER.word)) return core.transferred32
      }
    },
    store32(ipa, value) {
      checkAddress(ipa)
      if (typeof value !== 'number') throw new TypeError('a 32-bit value is a number')
      begin(INSTRUCTION_COST.one, 4)
      while (!access.store32(ipa, value)) {
        core.transferred32 = value
        if (abort(TRANSFER.word)) return
      }
    },
    load64(ipa) {
      checkAddress(ipa)
      begin(INSTRUCTION_COST.one, 8)
      for (;;) {
        const value = access.load64(ipa)
        if (value !== undefined) return value
        if (abort(TRANSFER.doubleword)) return core.transferred
      }
    },
    store64(ipa, value) {
      checkAddress(ipa)
      if (typeof value !== 'bigint') throw new TypeError('a 64-bit value is a bigint')
      begin(INSTRUCTION_COST.one, 8)
      while (!access.store64(ipa, value)) {
        core.transferred = value
        if (abort(TRANSFER.doubleword)) return
      }
    },
    copy(toIpa, fromIpa, length) {
      checkAddress(toIpa)
      checkAddress(fromIpa)
      checkLength(length, MAX_MOVE)
      begin(costOfMoving(length), length)
      while (!access.copy(toIpa, fromIpa, length)) abort(TRANSFER.none)
    },
    smc(x) {
      const registers = registersOf(x)
      begin(INSTRUCTION_COST.smc, 0)
      raise(processor.smc(registers))
      const results: bigint[] = []
      for (let index = 0; index < GENERAL_REGISTER_COUNT; index++) results.push(registers[index]!)
      return results
    },
    wfi() {
      begin(INSTRUCTION_COST.one, 0)
      isDone(processor.wfi())
    },
    wfe() {
      begin(INSTRUCTION_COST.one, 0)
      isDone(processor.wfe())
    },
    mrs(name) {
      checkRegisterName(name)
      begin(INSTRUCTION_COST.one, 0)
      for (;;) {
        const value = readSystemRegister(core, name)
        if (typeof value === 'bigint') return value
        if (value === 'undefined') throw harden(exceptionError(value))
        if (isDone(processor.trap(value))) return core.transferred
      }
    },
    msr(name, value) {
      checkRegisterName(name)
      if (typeof value !== 'bigint') throw new TypeError('the value of a register is a bigint')
      begin(INSTRUCTION_COST.one, 0)
      for (;;) {
        const written = writeSystemRegister(core, name, value)
        if (written === 'done') return
        if (written === 'undefined') throw harden(exceptionError(written))
        if (isDone(processor.trap(written))) return
      }
    },
    rndr(length) {
      checkLength(length, MAX_RANDOM)
      begin(costOfMoving(length), 0)
      return processor.random.bytes(length)
    },
  }
}

function raise(exception: GuestException | undefined): void {
  if (exception !== undefined) throw harden(exceptionError(exception))
}

/** True if the instruction is done, false if it is to be executed again; otherwise it ends with its exception. */
function isDone(resumption: Resumption): boolean {
  if (resumption !== 'again' && resumption !== 'done') throw harden(exceptionError(resumption))
  return resumption === 'done'
}

function checkRegisterName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || !isSystemRegisterName(name)) throw new TypeError('there is no such system register')
}

function checkAddress(ipa: unknown): asserts ipa is number {
  if (!Number.isSafeInteger(ipa) || (ipa as number) < 0) throw new TypeError('an address is a non-negative integer')
}

function checkLength(length: unknown, limit: number): void {
  if (!Number.isSafeInteger(length) || (length as number) < 0 || (length as number) > limit) {
    throw new TypeError(`a length is an integer from 0 to ${limit}`)
  }
}

/** The bytes of a guest's array as a view of our own, which has no property or subclass of the guest's. */
function plainBytes(value: unknown): Uint8Array {
  if (apply(kindOf, value, []) !== 'Uint8Array') throw new TypeError('bytes are a Uint8Array')
  return new Uint8Array(
    apply(bufferOf, value, []) as ArrayBuffer,
    apply(offsetOf, value, []) as number,
    apply(lengthOf, value, []) as number,
  )
}

/** The registers of an SMC out of the guest's array. Reading it may run the guest's code, so all of it is read first. */
function registersOf(x: readonly bigint[]): BigUint64Array {
  if (typeof x !== 'object' || x === null) throw new TypeError('the registers of a call are an array of bigints')
  const { length } = x
  if (!Number.isSafeInteger(length) || length < 0 || length > GENERAL_REGISTER_COUNT) {
    throw new TypeError(`a call has at most ${GENERAL_REGISTER_COUNT} registers`)
  }
  const registers = new BigUint64Array(GENERAL_REGISTER_COUNT)
  for (let index = 0; index < length; index++) {
    const value: unknown = x[index]
    if (typeof value !== 'bigint') throw new TypeError('the registers of a call are an array of bigints')
    registers[index] = value
  }
  return registers
}
