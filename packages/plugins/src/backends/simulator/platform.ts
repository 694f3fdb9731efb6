import {
  type BuiltRealm,
  createSharedRegion,
  createUnprotectedWindow,
  GranulePool,
  HostError,
  NormalWorld,
  RealmBuilder,
  type RealmPlan,
  type SharedRegion,
  type UnprotectedWindow,
} from '@mica/host'
import type { Machine } from '@mica/hw-sim'
import { type Memory, RIGHT } from '@mica/policy'
import { constructionOf, UNPROTECTED_BASE } from '@mica/realm-sdk/build'
import { RMI_SGT } from '@mica/rmm/abi'
import type { GroupToLaunch, Platform, RealmToLaunch } from '../../backend.ts'
import { SimulatedDeployment } from './deployment.ts'
import type { Observations } from './observations.ts'

const GRANULE = 4096
/** Rights that unprotected memory can have: it is never executable. */
const READ_WRITE = RIGHT.read | RIGHT.write

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
    this.world.demand(RMI_SGT, this.builder.delegated())
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

  #provide(memory: Memory): Provided {
    return memory.kind === 'protected'
      ? { kind: 'protected', region: createSharedRegion(this.world, this.pool, memory.granules) }
      : { kind: 'unprotected', window: createUnprotectedWindow(this.pool, memory.granules) }
  }
}

/** What the host provided for one memory of a group. */
export type Provided =
  | { readonly kind: 'protected'; readonly region: SharedRegion }
  | { readonly kind: 'unprotected'; readonly window: UnprotectedWindow }

/** A Realm of a deployment, with what the host built for it. */
export interface DeployedRealm {
  readonly peer: string
  readonly rd: string
  readonly built: BuiltRealm
}

/** What the host does to build one Realm of a group: `peer` is its position in the mappings of `memories`. */
export function planOf(
  realm: RealmToLaunch,
  peer: number,
  memories: readonly Memory[],
  provided: ReadonlyMap<string, Provided>,
): RealmPlan {
  const shared: { region: SharedRegion; ipa: number }[] = []
  const unprotected: { window: UnprotectedWindow; ipa: number; rights: number }[] = []
  for (const memory of memories) {
    const given = provided.get(memory.name)
    const mapping = memory.mappings.find((candidate) => candidate.peer === peer)
    if (given === undefined || mapping === undefined) continue
    if (mapping.ipaGranule === null) throw new HostError(`memory ${memory.name} has no address for ${realm.peer}`)
    const ipa = mapping.ipaGranule * GRANULE
    if (given.kind === 'protected') shared.push({ region: given.region, ipa })
    else unprotected.push({ window: given.window, ipa: UNPROTECTED_BASE + ipa, rights: mapping.rights & READ_WRITE })
  }
  return {
    steps: constructionOf(realm.image, realm.blob),
    policyGranules: Math.max(1, Math.ceil(realm.blob.length / GRANULE)),
    shared,
    unprotected,
  }
}
