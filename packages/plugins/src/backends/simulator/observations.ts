import type { MachineEvent } from '@mica/hw-sim'

/** What this backend reads from the event trace of its machine, as a laboratory can and a host could not. */
export class Observations {
  readonly #rims = new Map<string, Uint8Array>()
  #stores = 0

  /** Takes note of an event. */
  note(event: MachineEvent): void {
    if (event.event === 'access' && event['stored'] !== 0) this.#stores++
    const { rd, rim } = event
    if (event.event !== 'realm' || typeof rd !== 'string' || typeof rim !== 'string') return
    this.#rims.set(rd, new Uint8Array(Buffer.from(rim, 'hex')))
  }

  /** How often a guest that exited had written something: it stands still while all of them only look and wait. */
  get stores(): number {
    return this.#stores
  }

  /** The RIM of a Realm, as the monitor reported it. A Realm that never was has none, and asking for it is a mistake. */
  rimOf(rd: string): Uint8Array {
    const rim = this.#rims.get(rd)
    if (rim === undefined) throw new RangeError(`there is no Realm ${rd}`)
    return rim
  }
}
