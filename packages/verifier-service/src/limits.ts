/** What one instance spends on strangers. Times in milliseconds, sizes in bytes. */
export interface Limits {
  /** Time from a challenge to its evidence. */
  readonly sessionTtlMs: number
  /** Sessions that are open at once, of all instances together. */
  readonly openSessions: number
  /** Sessions that one client address may open in a second; 0: as many as it likes. */
  readonly sessionsPerClientPerSecond: number
  /** Appraisals that are under way at once; what comes beyond is told to come again. */
  readonly appraisals: number
  /** Time in which a whole request has to arrive, and its headers. */
  readonly requestTimeoutMs: number
  readonly headersTimeoutMs: number
  readonly connections: number
  /** Of large bodies, and of those that do not say how large they are, that have come so far and not to their end. */
  readonly bodyBytes: number
  /** How old knowledge of endorsements may be: for so long one that another instance removed still counts. */
  readonly endorsementsAgeMs: number
  /** Time that requests under way are given when the service stops. */
  readonly stopTimeoutMs: number
}

export const DEFAULT_LIMITS: Limits = {
  sessionTtlMs: 150_000,
  openSessions: 100_000,
  sessionsPerClientPerSecond: 0,
  appraisals: 64,
  requestTimeoutMs: 20_000,
  headersTimeoutMs: 10_000,
  connections: 4096,
  bodyBytes: 268_435_456,
  endorsementsAgeMs: 1000,
  stopTimeoutMs: 10_000,
}

/** Bytes that may be held at once, whoever sends them. */
export class Budget {
  #left: number

  constructor(bytes: number) {
    this.#left = bytes
  }

  /** @returns Whether there was room for `bytes` more, which are then held until they are given back. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#left += bytes
  }
}

/** How many of something may be under way at once. */
export class Gate {
  readonly #limit: number
  #inside = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Does `work` if there is room for it now. @returns `undefined` when there is none. */
  async pass<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#inside >= this.#limit) return undefined
    this.#inside++
    try {
      return await work()
    } finally {
      this.#inside--
    }
  }
}
