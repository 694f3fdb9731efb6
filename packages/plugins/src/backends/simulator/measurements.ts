import type { MachineEvent } from '@mica/hw-sim'

/** The initial measurement of every Realm, as the monitor reported it in the event trace. */
export class Measurements {
  readonly #rims = new Map<string, Uint8Array>()

  /** Takes note of an event that reports one. */
  note(event: MachineEvent): void {
    const { rd, rim } = event
    if (event.event !== 'realm' || typeof rd !== 'string' || typeof rim !== 'string') return
    this.#rims.set(rd, new Uint8Array(Buffer.from(rim, 'hex')))
  }

  /** The RIM of an activated Realm; a Realm that never was has none, and asking for it is a mistake. */
  rimOf(rd: string): Uint8Array {
    const rim = this.#rims.get(rd)
    if (rim === undefined) throw new RangeError(`no Realm ${rd} was activated`)
    return rim
  }
}
