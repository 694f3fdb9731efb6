/** Clients that are counted apart within a second; more than that share what is left. */
const MAX_CLIENTS = 10_000
const WINDOW_MS = 1000

/** How often each client may do something in a second. Knows nothing of the second before. */
export class ClientRate {
  readonly #perSecond: number
  readonly #counts = new Map<string, number>()
  #windowStart = 0

  /** @param perSecond 0: as often as it likes. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** Counts once for `client`, an address. @returns Whether it may. */
  admit(client: string, now: number): boolean {
    if (this.#perSecond === 0) return true
    if (now - this.#windowStart >= WINDOW_MS) {
      this.#counts.clear()
      this.#windowStart = now
    }
    const name = this.#counts.has(client) || this.#counts.size < MAX_CLIENTS ? client : 'others'
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    return count <= this.#perSecond
  }
}
