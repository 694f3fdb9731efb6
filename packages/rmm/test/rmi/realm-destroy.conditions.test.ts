import { describe, expect, test } from 'vitest'
import {
  RMI_DATA_DESTROY,
  RMI_ERROR_REALM,
  RMI_REALM_DESTROY,
  RMI_REC_DESTROY,
  RMI_RTT_DESTROY,
  RMI_RTT_INIT_RIPAS,
  RMI_RTT_MAP_UNPROTECTED,
} from '../../src/abi/index.ts'
import { testRmi } from '../conditions.ts'
import { PAGE, RAM, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
import { contentOf, granuleAt, type RealmWorld, rdConditions, realmWorld, ZEROES } from '../small-world.ts'

interface EmptyWorld extends RealmWorld {
  /** What conditions leave in the Realm. */
  readonly keep: { rec?: boolean; tables?: boolean }
}

/** A Realm of which everything is destroyed, but what conditions want to be kept. */
function world(): EmptyWorld {
  const keep: EmptyWorld['keep'] = {}
  const made = realmWorld({}, (realm) => [realm.rd])
  const finish = () => {
    destroyMemory(made.realm)
    if (keep.rec !== true) made.host.demand(RMI_REC_DESTROY, made.realm.rec)
    if (keep.tables !== true) destroyTables(made.realm)
  }
  return { ...made, keep, finish }
}

function destroyMemory({ host, rd, ram }: ScriptedRealm): void {
  for (const page of ram.keys()) host.demand(RMI_DATA_DESTROY, rd, RAM + page * PAGE)
}

function destroyTables({ host, rd }: ScriptedRealm): void {
  for (const base of [0, UNPROTECTED]) {
    for (const half of [0, 0x20_0000]) host.demand(RMI_RTT_DESTROY, rd, base + half, 3)
    host.demand(RMI_RTT_DESTROY, rd, base, 2)
  }
}

describe('RMI_REALM_DESTROY', () => {
  testRmi(RMI_REALM_DESTROY, world, [
    ...rdConditions.filter(({ name }) => name !== 'rd_state: a REC'),
    { name: 'realm_live: a REC', arrange: ({ keep }) => Object.assign(keep, { rec: true }), expect: [RMI_ERROR_REALM] },
    {
      name: 'realm_live: a table',
      arrange: ({ keep }) => Object.assign(keep, { tables: true }),
      expect: [RMI_ERROR_REALM],
    },
  ])

  test('rd and start-level tables are delegated and wiped, and the Realm is gone', () => {
    const { host, realm, finish } = world()
    finish?.()
    const { startTableAddress } = realm.realm.identity
    host.demand(RMI_REALM_DESTROY, realm.rd)
    for (const granule of [realm.rd, startTableAddress]) {
      expect(granuleAt(host, granule)).toEqual({ state: 'delegated', pas: 'realm' })
      expect(contentOf(host, granule)).toEqual(ZEROES)
    }
    expect(host.rmm.monitor.realms.size).toBe(0)
    expect(host.rmm.monitor.vmids.size).toBe(0)
  })

  test('neither declared RAM nor memory of the host’s makes a start-level table live', () => {
    const { host, realm, finish } = realmWorldWithBlocks()
    finish()
    expect(host.status(RMI_REALM_DESTROY, realm.rd)).toEqual([0, 0])
  })
})

/** A new Realm whose start-level table holds RAM without granules and a block of the host's. */
function realmWorldWithBlocks() {
  const made = realmWorld({ activate: false }, () => [])
  const finish = () => {
    const { host, realm } = made
    destroyMemory(realm)
    host.demand(RMI_REC_DESTROY, realm.rec)
    destroyTables(realm)
    host.demand(RMI_RTT_INIT_RIPAS, realm.rd, 0x4000_0000, 0x8000_0000)
    host.demand(RMI_RTT_MAP_UNPROTECTED, realm.rd, UNPROTECTED, 1, 0x8000_00d8)
  }
  return { ...made, finish }
}
