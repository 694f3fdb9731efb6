import {
  type BuiltRealm,
  createSharedRegion,
  createUnprotectedWindow,
  GranulePool,
  NormalWorld,
  RealmBuilder,
} from '@mica/host'
import type { Machine } from '@mica/hw-sim'
import type { Memory } from '@mica/policy'
import { RMI_SGT } from '@mica/rmm/abi'
import type { GroupToLaunch, Platform } from '../../backend.ts'
import { SimulatedDeployment } from './deployment.ts'
import type { Observations } from './observations.ts'
import { type Provided, planOf } from './realm-plan.ts'

/** Shared granules that one granule of the shared granule table has room for. */
const SHARED_PER_TABLE_GRANULE = 512

/** A simulated machine that has booted, and the host program that runs on it. */
export class SimulatedPlatform implements Platform {
  readonly world: NormalWorld
  readonly pool: GranulePool
  readonly builder: RealmBuilder
  readonly machine: Machine
  readonly observations: Observations
  readonly #seed: number

  constructor(machine: Machine, observations: Observations, seed: number) {
    this.machine = machine
    this.observations = observations
    this.world = new NormalWorld(machine)
    this.pool = new GranulePool(this.world.dram)
    this.builder = new RealmBuilder(this.world, this.pool)
    this.#seed = seed
  }

  /** Provides the memories of a group and builds its Realms. Throws `HostError` where the monitor refuses. */
  async launch(group: GroupToLaunch): Promise<SimulatedDeployment> {
    this.#growSharedTable(group.memories)
    const provided = new Map(group.memories.map((memory) => [memory.name, this.#provide(memory)]))
    const realms = group.realms.map((realm, index) => {
      const built = this.builder.build(planOf(realm, index, group.memories, provided))
      return { peer: realm.peer, rd: `0x${built.rd.toString(16)}`, built }
    })
    return new SimulatedDeployment(this, realms, provided, this.#seed)
  }

  async stop(): Promise<void> {
    await this.machine.stop()
  }

  #growSharedTable(memories: readonly Memory[]): void {
    const shared = memories.reduce((sum, { kind, granules }) => sum + (kind === 'protected' ? granules : 0), 0)
    for (let room = 0; room < shared; room += SHARED_PER_TABLE_GRANULE) {
      this.world.demand(RMI_SGT, this.builder.delegated())
    }
  }

  #provide(memory: Memory): Provided {
    return memory.kind === 'protected'
      ? { kind: 'protected', region: createSharedRegion(this.world, this.pool, memory.granules) }
      : { kind: 'unprotected', window: createUnprotectedWindow(this.pool, memory.granules) }
  }
}

/** A Realm of a deployment, with what the host built for it. */
export interface DeployedRealm {
  readonly peer: string
  readonly rd: string
  readonly built: BuiltRealm
}
