/**
 * How code that waits meets the machine: a Realm has no timers and gets no call when memory changes, so a wait is a
 * question asked again each time its PE comes to rest.
 */
export interface Waits {
  /** Resolves with the first answer that is not `undefined`. Asks at once, and then again after each rest. */
  until<T>(ask: () => T | undefined): Promise<T>
  /** Resolves when the PE has rested once: others had the chance to run. */
  rest(): Promise<void>
}
