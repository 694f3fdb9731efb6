/** What may be under way at once. */
export interface FlightLimits {
  readonly frames: number
  /** Sum of the sizes. One frame alone may always go. */
  readonly bytes: number
}

/**
 * The gate's pacing: how much is between what it has written and what has come back.
 *
 * Channels of the pipeline are one-way, so a writer is never told that its reader is slow; it would overwrite. The gate
 * stands at both ends and sends on only when enough has come back. Order is kept all the way, so when a frame comes
 * back, everything before it has come back or is lost, and nothing ever waits for a lost frame.
 */
export class FlightWindow {
  readonly #limits: FlightLimits
  readonly #flying: { readonly index: number; readonly bytes: number }[] = []
  #bytes = 0
  #closed = false
  #wake: (() => void) | undefined

  constructor(limits: FlightLimits) {
    this.#limits = limits
  }

  /** Frames under way. */
  get frames(): number {
    return this.#flying.length
  }

  /**
   * Waits until a frame may go, and counts it. Called for one frame after another, in the order of their numbers.
   *
   * @returns false when the window was closed: nothing sent now would come back.
   */
  async depart(index: number, bytes: number): Promise<boolean> {
    while (!this.#closed && !this.#hasRoom(bytes)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    if (this.#closed) return false
    this.#flying.push({ index, bytes })
    this.#bytes += bytes
    return true
  }

  /**
   * Notes that a frame came back.
   *
   * @returns false when that frame is not under way: never sent, or already back or passed by a later one.
   */
  land(index: number): boolean {
    if (!this.#flying.some((frame) => frame.index === index)) return false
    while (this.#flying.length > 0) {
      const frame = this.#flying.shift()
      this.#bytes -= frame?.bytes ?? 0
      if (frame?.index === index) break
    }
    this.#release()
    return true
  }

  /** Ends the waiting: nothing more will come back. */
  close(): void {
    this.#closed = true
    this.#release()
  }

  #hasRoom(bytes: number): boolean {
    if (this.#flying.length === 0) return true
    return this.#flying.length < this.#limits.frames && this.#bytes + bytes <= this.#limits.bytes
  }

  #release(): void {
    this.#wake?.()
    this.#wake = undefined
  }
}
