/**
 * How code that waits meets the machine: a Realm gets no call when memory changes, so a wait is a question asked again
 * each time its PE comes to rest.
 */
export interface Waits {
  /**
   * Resolves with the first answer that is not `undefined`. Asks at once, and then again after each rest.
   *
   * Rejects with a {@link TimeoutError} if there is a time-out, and no answer before it is over.
   */
  until<T>(ask: () => T | undefined, options?: WaitOptions): Promise<T>
  /** Resolves when the PE has rested once: others had the chance to run. */
  rest(): Promise<void>
  /** Calls `action` when nothing can go on, before the PE rests. Wishes for the same action until then are one. */
  soon(action: () => void): void
}

/** Options of {@link Waits.until}. */
export interface WaitOptions {
  /** Time of this PE, in milliseconds. */
  readonly timeoutMs?: number | undefined
  /** Whether time has to pass while this waits; so it does where there is a time-out. */
  readonly timed?: boolean | undefined
}

/**
 * Nothing came in the time that was given. Time is what the counter of this PE says: it moves with the work of this PE, and
 * by 1.3 ms with each rest, in which every other Realm may have had its turn. So a time-out of 100 ms is 76 rests at least.
 */
export class TimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`nothing came in ${timeoutMs} ms of this Realm’s time`)
    this.name = 'TimeoutError'
  }
}
