import { GENERAL_REGISTER_COUNT, type GeneralRegisters } from '../../registers.ts'
import type { Syndrome } from '../../syndrome.ts'
import { SYSTEM_REGISTER_COUNT, type SystemRegisters } from '../../system-registers.ts'
import { ACCESS_COUNTER_WORDS } from '../access-counters.ts'
import { RANDOM_KEY_SIZE } from '../random.ts'

/** Who has the turn. `starting`, `running`: the worker; `ready`, `exited`: the machine; `failed`: no one any more. */
export const STATE = { starting: 0, ready: 1, running: 2, exited: 3, failed: 4 } as const

/** Words of {@link ControlBlock.words}. */
export const WORD = {
  state: 0,
  /** Set when the guest is over: the PE of a thread that still runs does nothing more. */
  stopped: 1,
  exit: 2,
  startLevel: 3,
  ipaBits: 4,
  lpa2: 5,
  faultKind: 6,
  faultCause: 7,
  faultLevel: 8,
  halted: 9,
  textLength: 10,
} as const

/** Doubles of {@link ControlBlock.doubles}. */
export const DOUBLE = { table: 0, faultIpa: 1 } as const

/** Codes of what crosses the block as a number; a code is a position. An abort is a synchronous exit with a fault. */
export const EXIT_CODES = ['sync', 'abort', 'irq'] as const
export const ACCESS_CODES = ['read', 'write', 'execute'] as const
export const FAULT_CODES = ['translation', 'permission', 'granule-protection', 'granule-protection-on-walk'] as const

/** Why a PE halted, in the words of the `halt` event; a code is a position. */
export const HALT_CODES = [
  undefined,
  'no-image',
  'image-threw',
  'no-idle-vector',
  'idle-vector-threw',
  'watchdog',
  'no-thread',
] as const

export type HaltReason = Exclude<(typeof HALT_CODES)[number], undefined>

/** Most bytes of text a worker reports: why it halted, or why it could not start. */
const TEXT_SIZE = 1024

/** ESR_EL2, FAR_EL2 and HPFAR_EL2. */
const SYNDROME_WORDS = 3

const SYSTEM_REGISTERS = 128 + GENERAL_REGISTER_COUNT * 8
const SYNDROME = SYSTEM_REGISTERS + SYSTEM_REGISTER_COUNT * 8
const RANDOM_KEY = SYNDROME + SYNDROME_WORDS * 8

const LAYOUT = {
  words: 0,
  doubles: 64,
  registers: 128,
  systemRegisters: SYSTEM_REGISTERS,
  syndrome: SYNDROME,
  randomKey: RANDOM_KEY,
  text: RANDOM_KEY + RANDOM_KEY_SIZE,
  counters: RANDOM_KEY + RANDOM_KEY_SIZE + TEXT_SIZE,
} as const

/**
 * What the machine and the thread of one image guest share besides memory: registers, the last exit, the next entry.
 *
 * INVARIANT: only the side that has the turn reads or writes it, except `state`, `stopped` and the waiting on them.
 * Taking and giving the turn are atomic operations on `state`, which order everything else.
 */
export class ControlBlock {
  readonly buffer: SharedArrayBuffer
  readonly words: Int32Array
  readonly doubles: Float64Array
  readonly x: GeneralRegisters
  readonly system: SystemRegisters
  readonly #syndrome: BigUint64Array
  readonly randomKey: Uint8Array
  readonly counters: Float64Array
  readonly #text: Uint8Array

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(LAYOUT.counters + ACCESS_COUNTER_WORDS * 8)) {
    this.buffer = buffer
    this.words = new Int32Array(buffer, LAYOUT.words, Object.keys(WORD).length)
    this.doubles = new Float64Array(buffer, LAYOUT.doubles, Object.keys(DOUBLE).length)
    this.x = new BigUint64Array(buffer, LAYOUT.registers, GENERAL_REGISTER_COUNT)
    this.system = new BigUint64Array(buffer, LAYOUT.systemRegisters, SYSTEM_REGISTER_COUNT)
    this.#syndrome = new BigUint64Array(buffer, LAYOUT.syndrome, SYNDROME_WORDS)
    this.randomKey = new Uint8Array(buffer, LAYOUT.randomKey, RANDOM_KEY_SIZE)
    this.#text = new Uint8Array(buffer, LAYOUT.text, TEXT_SIZE)
    this.counters = new Float64Array(buffer, LAYOUT.counters, ACCESS_COUNTER_WORDS)
  }

  get state(): number {
    return Atomics.load(this.words, WORD.state)
  }

  /** Gives the turn away, and wakes whoever waits for it. */
  give(state: number): void {
    Atomics.store(this.words, WORD.state, state)
    Atomics.notify(this.words, WORD.state)
  }

  /**
   * Waits while the state is `state`: a short spin first, because the other side usually answers within microseconds
   * and waking a thread takes tens of them, and bounded, because the other side may need this very core.
   *
   * @returns Whether the state changed before the time was up.
   */
  waitWhile(state: number, timeoutMs: number): boolean {
    for (let poll = 0; poll < SPIN_POLLS; poll++) if (this.state !== state) return true
    const deadline = Date.now() + timeoutMs
    while (this.state === state) {
      const left = deadline - Date.now()
      if (left <= 0) return false
      Atomics.wait(this.words, WORD.state, state, left)
    }
    return true
  }

  /** What the last synchronous exit says of itself. */
  get syndrome(): Syndrome {
    const [esr = 0n, far = 0n, hpfar = 0n] = this.#syndrome
    return { esr, far, hpfar }
  }

  set syndrome({ esr, far, hpfar }: Syndrome) {
    this.#syndrome[0] = esr
    this.#syndrome[1] = far
    this.#syndrome[2] = hpfar
  }

  /** The text a worker left, cut to the space there is. */
  get text(): string {
    const length = Math.min(this.words[WORD.textLength] ?? 0, TEXT_SIZE)
    return Buffer.from(this.#text.slice(0, length)).toString('utf8')
  }

  set text(text: string) {
    const bytes = Buffer.from(text, 'utf8').subarray(0, TEXT_SIZE)
    this.#text.set(bytes)
    this.words[WORD.textLength] = bytes.length
  }
}

/** Polls of a spin: some tens of microseconds. */
const SPIN_POLLS = 4000
