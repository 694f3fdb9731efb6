import {
  type BuiltRealm,
  createSharedRegion,
  createUnprotectedWindow,
  GranulePool,
  NormalWorld,
  RealmBuilder,
  Scheduler,
  type UnprotectedWindow,
} from '@mica/host'
import { addOffset, Machine, type MachineEvent, physicalAddressOf } from '@mica/hw-sim'
import { encodeBlob, type Policy } from '@mica/policy'
import type { ChannelMemory } from '@mica/realm-sdk'
import { constructionOf, UNPROTECTED_BASE } from '@mica/realm-sdk/build'
import { Rmm } from '@mica/rmm'
import { RMI_SGT } from '@mica/rmm/abi'

const GRANULE = 4096
const DRAM = { base: 0x8000_0000, size: 0x400_0000 }

/** A machine with the real monitor on it, and the host program that builds Realms from images. */
export class MachineRoom {
  readonly events: MachineEvent[] = []
  readonly machine: Machine
  readonly world: NormalWorld
  readonly #pool: GranulePool
  readonly #builder: RealmBuilder
  readonly #shared = new Map<string, ReturnType<typeof createSharedRegion>>()
  readonly #windows = new Map<string, UnprotectedWindow>()

  constructor() {
    this.machine = new Machine({
      dram: DRAM,
      seed: new Uint8Array(32).fill(3),
      events: (event) => this.events.push(event),
      debugGuests: true,
    })
    new Rmm(this.machine)
    this.world = new NormalWorld(this.machine)
    this.#pool = new GranulePool(DRAM)
    this.#builder = new RealmBuilder(this.world, this.#pool)
  }

  /** Builds a Realm with its own memory only. */
  buildAlone(image: Uint8Array): BuiltRealm {
    return this.#builder.build({ steps: constructionOf(image), policyGranules: 0, shared: [], unprotected: [] })
  }

  /** Gives the monitor what it needs for groups. Once. */
  provideGroups(): void {
    this.world.demand(RMI_SGT, this.#builder.delegated())
  }

  /** Builds a Realm with the memories of its policy. Members of a group share what has the same name. */
  build(image: Uint8Array, policy: Policy): BuiltRealm {
    const shared = []
    const unprotected = []
    for (const memory of policy.memories) {
      const mapping = memory.mappings.find(({ peer }) => peer === policy.self)
      if (mapping === undefined) continue
      const ipa = (mapping.ipaGranule ?? 0) * GRANULE
      if (memory.kind === 'protected') shared.push({ region: this.#region(memory.name, memory.granules), ipa })
      else {
        const window = this.#window(memory.name, memory.granules)
        unprotected.push({ window, ipa: UNPROTECTED_BASE + ipa, rights: mapping.rights & 3 })
      }
    }
    const steps = constructionOf(image, encodeBlob(policy))
    return this.#builder.build({ steps, policyGranules: 1, shared, unprotected })
  }

  /** The RIM that the monitor reported for a Realm. */
  rimOf(realm: BuiltRealm): string | undefined {
    const rd = `0x${realm.rd.toString(16)}`
    const event = this.events.findLast(
      (candidate) => candidate.event === 'realm' && candidate['rd'] === rd && 'rim' in candidate,
    )
    return event === undefined ? undefined : String(event['rim'])
  }

  /** Enters the Realms in turn, and calls `between` after each round, until all are off or `rounds` are over. */
  async run(
    realms: readonly BuiltRealm[],
    rounds: number,
    between: () => Promise<void> = async () => {},
  ): Promise<boolean> {
    const scheduler = new Scheduler(
      this.world,
      realms.flatMap(({ recs }) => recs),
      1,
    )
    for (let round = 0; round < rounds && scheduler.runnable; round++) {
      scheduler.round()
      await between()
    }
    return !scheduler.runnable
  }

  /** The host's side of an unprotected memory. */
  hostMemory(name: string): ChannelMemory {
    const window = this.#windows.get(name)
    if (window === undefined) throw new Error(`no window ${name}`)
    const load = (offset: number, length: number): Uint8Array =>
      this.world.read(addOffset(window.base, offset), length) ?? new Uint8Array(length)
    const store = (offset: number, bytes: Uint8Array): void => {
      this.world.write(addOffset(window.base, offset), bytes)
    }
    return {
      length: window.length,
      load,
      store,
      load32: (offset) => new DataView(load(offset, 4).buffer).getUint32(0, true),
      store32(offset, value) {
        const word = new Uint8Array(4)
        new DataView(word.buffer).setUint32(0, value, true)
        store(offset, word)
      },
    }
  }

  /** Whether the Normal world can read these bytes anywhere, within one granule. */
  normalWorldContains(needle: Uint8Array): boolean {
    for (let address = DRAM.base; address < DRAM.base + DRAM.size; address += GRANULE) {
      const page = this.world.read(physicalAddressOf(address), GRANULE)
      if (page !== undefined && Buffer.from(page).includes(Buffer.from(needle))) return true
    }
    return false
  }

  #region(name: string, granules: number): ReturnType<typeof createSharedRegion> {
    const region = this.#shared.get(name) ?? createSharedRegion(this.world, this.#pool, granules)
    this.#shared.set(name, region)
    return region
  }

  #window(name: string, granules: number): UnprotectedWindow {
    const window = this.#windows.get(name) ?? createUnprotectedWindow(this.#pool, granules)
    this.#windows.set(name, window)
    return window
  }
}
