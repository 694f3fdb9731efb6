/**
 * The time of a PE, in units of work instead of seconds: the same program is interrupted at the same instruction in
 * every run. It counts what this PE does and nothing else, so it tells a guest nothing about any other.
 *
 * A physical interrupt is due when the quantum is used up, or a timer reaches its alarm. Only an interrupt starts the
 * quantum anew; other exits do not, so a guest that keeps calling the monitor is preempted too.
 */
export class Clock {
  readonly #quantum: number
  #quantumEnd: number
  #alarm = Number.POSITIVE_INFINITY
  /** When the next interrupt is due, and how much work until then: all that an instruction touches. */
  #due: number
  #left: number

  constructor(quantum: number) {
    this.#quantum = quantum
    this.#quantumEnd = quantum
    this.#due = quantum
    this.#left = quantum
  }

  /** Charges the next instruction; false, and nothing charged, when an interrupt comes first. */
  charge(cost: number): boolean {
    if (this.#left <= 0) return false
    this.#left -= cost
    return true
  }

  /** Whether an interrupt comes before the next instruction. */
  get isDue(): boolean {
    return this.#left <= 0
  }

  /** Work done since the PE started, and time it waited. */
  get now(): number {
    return this.#due - this.#left
  }

  /** Starts the quantum anew: after any interrupt. */
  restart(): void {
    const { now } = this
    this.#quantumEnd = now + this.#quantum
    this.#plan(now)
  }

  /** When the next timer interrupt is due; infinity if none is. */
  set alarm(time: number) {
    if (time === this.#alarm) return
    const { now } = this
    this.#alarm = time
    this.#plan(now)
  }

  /** Lets time pass without work: a PE that waits for its timer. A wait is not charged to the quantum. */
  waitUntil(time: number): void {
    const { now } = this
    if (time <= now) return
    this.#quantumEnd += time - now
    this.#plan(time)
  }

  /** Makes an interrupt due now, until the quantum starts anew. */
  interrupt(): void {
    this.#due = this.now
    this.#left = 0
  }

  #plan(now: number): void {
    this.#due = Math.min(this.#quantumEnd, this.#alarm)
    this.#left = this.#due - now
  }
}
