import type { PhysicalAddress } from '@mica/hw-sim'
import {
  RMI_DATA_DESTROY,
  RMI_DATA_DESTROY_SHARED,
  RMI_GRANULE_UNDELEGATE,
  RMI_REALM_DESTROY,
  RMI_REC_DESTROY,
  RMI_RTT_DESTROY,
} from '@mica/rmm/abi'
import type { GranulePool } from './granule-pool.ts'
import type { NormalWorld } from './normal-world.ts'
import type { BuiltRealm } from './realm-builder.ts'

/**
 * Destroys a Realm and takes back what it had to itself. Shared granules stay delegated: others may hold them.
 * Throws {@link HostError} when the monitor refuses a step.
 */
export function tearDownRealm(world: NormalWorld, pool: GranulePool, realm: BuiltRealm): void {
  for (const { rec } of realm.recs) world.demand(RMI_REC_DESTROY, rec)
  for (const { ipa } of realm.shared) world.demand(RMI_DATA_DESTROY_SHARED, realm.rd, ipa)
  for (const { ipa } of realm.data) world.demand(RMI_DATA_DESTROY, realm.rd, ipa)
  const deepestFirst = [...realm.tables.created].sort((a, b) => b.level - a.level)
  for (const { ipa, level } of deepestFirst) world.demand(RMI_RTT_DESTROY, realm.rd, ipa, level)
  world.demand(RMI_REALM_DESTROY, realm.rd)
  const own = [
    realm.rd,
    realm.rtt,
    ...realm.policy,
    ...realm.data.map(({ granule }) => granule),
    ...deepestFirst.map(({ granule }) => granule),
    ...realm.recs.flatMap(({ rec, aux }) => [rec, ...aux]),
  ]
  for (const granule of own) undelegate(world, pool, granule)
  for (const { run } of realm.recs) pool.give(run)
}

/** Takes one delegated granule back. Throws {@link HostError} when the monitor refuses. */
export function undelegate(world: NormalWorld, pool: GranulePool, granule: PhysicalAddress): void {
  world.demand(RMI_GRANULE_UNDELEGATE, granule)
  pool.give(granule)
}
