import type { MachineEvent } from '@mica/plugins'

/** Which peer an event is about: events name Realms by the addresses of their descriptors and RECs. */
export class RealmNames {
  readonly #rdOfRec = new Map<string, string>()
  readonly #peerOfRd = new Map<string, string>()

  /** Takes note of an event that says which Realm a REC belongs to. */
  note({ event, rec, rd }: MachineEvent): void {
    if (event === 'rec' && typeof rec === 'string' && typeof rd === 'string') this.#rdOfRec.set(rec, rd)
  }

  /** Says which Realm is which peer. */
  identify(rd: string, peer: string): void {
    this.#peerOfRd.set(rd, peer)
  }

  /** The peer that an event is about; `undefined` for a Realm that is none, and for events about no Realm. */
  peerOf({ rec, rd }: MachineEvent): string | undefined {
    const realm = typeof rd === 'string' ? rd : this.#rdOfRec.get(String(rec))
    return realm === undefined ? undefined : this.#peerOfRd.get(realm)
  }
}
