import type { Waits } from '../wait.ts'
import type { Instructions } from './instructions.ts'

/**
 * What a Realm does when no promise of its program can go on: it asks every open question once, and rests if none has an
 * answer. A PE without interrupts of its own, timers or notifications has nothing better.
 */
export class RunLoop implements Waits {
  readonly #instructions: Instructions
  /** Each says whether it settled its promise. */
  #questions: (() => boolean)[] = []
  #rests = 0
  #failure: { readonly reason: unknown } | undefined

  constructor(instructions: Instructions) {
    this.#instructions = instructions
  }

  until<T>(ask: () => T | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (): boolean => {
        try {
          const answer = ask()
          if (answer === undefined) return false
          resolve(answer)
        } catch (fault) {
          // An access that faults is the business of whoever waits for it.
          reject(fault)
        }
        return true
      }
      if (!settle()) this.#questions.push(settle)
    })
  }

  rest(): Promise<void> {
    const before = this.#rests
    return this.until(() => this.#rests > before || undefined).then(() => undefined)
  }

  /** Makes the idle vector throw from now on. */
  fail(reason: unknown): void {
    this.#failure = { reason }
  }

  /** The idle vector: the PE calls it each time the job queue is empty. */
  idle(): void {
    if (this.#failure !== undefined) throw this.#failure.reason
    const asked = this.#questions
    this.#questions = []
    const open = asked.filter((settle) => !settle())
    this.#questions.unshift(...open)
    if (open.length < asked.length) return
    this.#instructions.wfi()
    this.#rests++
  }
}
