import { describe, expect, test } from 'vitest'
import { RMI_ERROR_REC, RMI_REC_DESTROY } from '../../src/abi/index.ts'
import { granuleConditions, HOST_PAGE, testRmi } from '../conditions.ts'
import { contentOf, granuleAt, type RealmWorld, realmWorld, whileRunning, ZEROES } from '../small-world.ts'

const world = (): RealmWorld => realmWorld({}, (realm) => [realm.rec])

describe('RMI_REC_DESTROY', () => {
  testRmi(RMI_REC_DESTROY, world, [
    ...granuleConditions<RealmWorld>(1, 'rec', {
      'the host’s': HOST_PAGE,
      'delegated only': ({ spare }) => spare,
      'an RD': ({ realm }) => realm.rd,
    }),
    { name: 'rec_state: running', moment: whileRunning, expect: [RMI_ERROR_REC] },
  ])

  test('the REC and its auxiliary granules are delegated and wiped', () => {
    const { host, realm } = world()
    const aux = host.rmm.monitor.recAt(realm.rec)!.aux.map((granule) => host.machine.memory.addressOf(granule))
    expect(aux.length).toBe(16)
    host.demand(RMI_REC_DESTROY, realm.rec)
    for (const granule of [realm.rec, ...aux]) {
      expect(granuleAt(host, granule)).toEqual({ state: 'delegated', pas: 'realm' })
      expect(contentOf(host, granule)).toEqual(ZEROES)
    }
  })

  test('the Realm has one REC less', () => {
    const { host, realm } = world()
    const { monitor } = host.rmm
    host.demand(RMI_REC_DESTROY, realm.rec)
    expect(monitor.recs.size).toBe(0)
    expect(monitor.granules.references(realm.realm.identity.granule)).toBe(0)
  })

  test('the measurement is what it was', () => {
    const { host, realm } = realmWorld({ activate: false }, () => [])
    const { rim } = realm
    host.demand(RMI_REC_DESTROY, realm.rec)
    expect(realm.rim).toEqual(rim)
  })
})
