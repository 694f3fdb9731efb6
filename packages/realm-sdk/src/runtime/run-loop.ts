import { TimeoutError, type WaitOptions, type Waits } from '../wait.ts'
import type { Instructions } from './instructions.ts'

/** Ticks of the counter that a rest lasts while something waits for time: a sixteenth of a quantum of the monitor's. */
const REST_TICKS = 65_536n

/** CNTV_CTL_EL0.ENABLE. */
const TIMER_ENABLE = 1n

/** Something that waits. */
interface Question {
  /** Whether it has an answer, or has failed: then its promise is settled. */
  readonly settle: () => boolean
  readonly timed: boolean
}

/**
 * What a Realm does when no promise of its program can go on: it asks every open question once, and rests if none has an
 * answer. A notification ends the rest at once; otherwise it lasts until the host comes back to this PE.
 */
export class RunLoop implements Waits {
  readonly #instructions: Instructions
  readonly #soon = new Set<() => void>()
  #questions: Question[] = []
  #rests = 0
  #hasAlarm = false
  #failure: { readonly reason: unknown } | undefined

  constructor(instructions: Instructions) {
    this.#instructions = instructions
  }

  until<T>(ask: () => T | undefined, { timeoutMs, timed = false }: WaitOptions = {}): Promise<T> {
    const end = timeoutMs === undefined ? undefined : this.#now() + this.#ticks(timeoutMs)
    return new Promise<T>((resolve, reject) => {
      const settle = (): boolean => {
        try {
          const answer = ask()
          if (answer !== undefined) resolve(answer)
          else if (end !== undefined && timeoutMs !== undefined && this.#now() >= end)
            reject(new TimeoutError(timeoutMs))
          else return false
        } catch (fault) {
          // An access that faults is the business of whoever waits for it.
          reject(fault)
        }
        return true
      }
      if (!settle()) this.#questions.push({ settle, timed: timed || end !== undefined })
    })
  }

  rest(): Promise<void> {
    const before = this.#rests
    return this.until(() => this.#rests > before || undefined).then(() => undefined)
  }

  soon(action: () => void): void {
    this.#soon.add(action)
  }

  /** Does what was to be done soon. */
  flush(): void {
    const actions = [...this.#soon]
    this.#soon.clear()
    for (const action of actions) action()
  }

  /** Makes the idle vector throw from now on. */
  fail(reason: unknown): void {
    this.#failure = { reason }
  }

  /** The idle vector: the PE calls it each time the job queue is empty. */
  idle(): void {
    if (this.#failure !== undefined) throw this.#failure.reason
    this.flush()
    const asked = this.#questions
    this.#questions = []
    const open = asked.filter(({ settle }) => !settle())
    this.#questions.unshift(...open)
    if (open.length < asked.length) return
    this.#setAlarm(open.some(({ timed }) => timed))
    this.#instructions.wfi()
    this.#rests++
  }

  /** A PE that waits for its timer waits until then: so a rest takes time where somebody counts it. */
  #setAlarm(wanted: boolean): void {
    if (wanted) {
      this.#instructions.msr('CNTV_CVAL_EL0', this.#now() + REST_TICKS)
      if (!this.#hasAlarm) this.#instructions.msr('CNTV_CTL_EL0', TIMER_ENABLE)
    } else if (this.#hasAlarm) this.#instructions.msr('CNTV_CTL_EL0', 0n)
    this.#hasAlarm = wanted
  }

  #now(): bigint {
    return this.#instructions.mrs('CNTVCT_EL0')
  }

  #ticks(milliseconds: number): bigint {
    return BigInt(Math.ceil((milliseconds * Number(this.#instructions.mrs('CNTFRQ_EL0'))) / 1000))
  }
}
