import { Scheduler, Witness } from '@mica/host'
import type { Memory } from '@mica/policy'
import type { ChannelMemory } from '@mica/realm-sdk'
import type { Deployment, Device, HostView, Laboratory, LaunchedRealm, RealmToLaunch, RunEnd } from '../../backend.ts'
import { HostMemory } from './host-memory.ts'
import type { DeployedRealm, SimulatedPlatform } from './platform.ts'
import { type Provided, planOf } from './realm-plan.ts'

const GRANULE = 4096
/** Rounds in which nobody wrote anything, after which a run is taken for dead: all that is left is waiting. */
const STALLED_AFTER_ROUNDS = 500

/** A group of Realms on a simulated machine, and the host that schedules them and keeps all it sees. */
export class SimulatedDeployment implements Deployment {
  readonly realms: readonly LaunchedRealm[]
  readonly built: readonly DeployedRealm[]
  readonly provided: ReadonlyMap<string, Provided>
  readonly hostView: HostView
  readonly laboratory: Laboratory
  readonly #platform: SimulatedPlatform
  readonly #scheduler: Scheduler
  readonly #witness: Witness

  constructor(
    platform: SimulatedPlatform,
    built: readonly DeployedRealm[],
    provided: ReadonlyMap<string, Provided>,
    seed: number,
  ) {
    this.#platform = platform
    this.built = built
    this.provided = provided
    this.realms = built.map(({ peer, rd }) => ({ peer, rd, rim: platform.observations.rimOf(rd) }))
    this.#witness = this.#watchAll()
    const vcpus = built.flatMap(({ built: realm }) => realm.recs)
    this.#scheduler = new Scheduler(platform.world, vcpus, seed, (result) => {
      this.#witness.note(result)
      this.#witness.look()
    })
    this.hostView = this.#witness
    this.laboratory = { sharedMemory: (name) => this.#sharedMemory(name) }
  }

  hostMemory(name: string): ChannelMemory {
    const given = this.provided.get(name)
    if (given?.kind !== 'unprotected') throw new RangeError(`there is no unprotected memory ${name}`)
    return new HostMemory(this.#platform.world, given.window)
  }

  async run(device: Device): Promise<RunEnd> {
    const { observations } = this.#platform
    for (let idle = 0, stores = observations.stores; idle < STALLED_AFTER_ROUNDS; idle++) {
      const progress = await device.poll()
      if (progress === 'done') return 'device-done'
      if (!this.#scheduler.runnable) return 'realms-off'
      this.#scheduler.round()
      if (progress === 'progress' || observations.stores !== stores) idle = 0
      stores = observations.stores
    }
    return 'stalled'
  }

  /**
   * What a hostile host can do at any time: builds one more Realm beside the group, on the group's own memories, and
   * lets it run until it ends. In the mappings of `memories` it is peer 0.
   */
  runBeside(realm: RealmToLaunch, memories: readonly Memory[]): void {
    const { world, builder } = this.#platform
    const stranger = builder.build(planOf(realm, 0, memories, this.provided))
    const scheduler = new Scheduler(world, stranger.recs, 0)
    for (let round = 0; round < STALLED_AFTER_ROUNDS && scheduler.runnable; round++) scheduler.round()
  }

  #watchAll(): Witness {
    const witness = new Witness(this.#platform.world)
    for (const { built } of this.built) for (const { run } of built.recs) witness.watch(run, GRANULE)
    for (const given of this.provided.values()) {
      if (given.kind === 'unprotected') witness.watch(given.window.base, given.window.length)
    }
    return witness
  }

  #sharedMemory(name: string): Uint8Array {
    const given = this.provided.get(name)
    if (given?.kind !== 'protected') throw new RangeError(`there is no protected memory ${name}`)
    const bytes = new Uint8Array(given.region.granules.length * GRANULE)
    given.region.granules.forEach((granule, index) => {
      bytes.set(
        this.#platform.machine.memory.read('root', granule, GRANULE) ?? new Uint8Array(GRANULE),
        index * GRANULE,
      )
    })
    return bytes
  }
}
