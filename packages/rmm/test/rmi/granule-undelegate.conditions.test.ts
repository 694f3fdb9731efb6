import { describe, expect, test } from 'vitest'
import { RMI_DATA_DESTROY, RMI_GRANULE_UNDELEGATE } from '../../src/abi/index.ts'
import { granuleConditions, HOST_PAGE, testRmi } from '../conditions.ts'
import { RAM } from '../scripted-host.ts'
import { contentOf, granuleAt, type RealmWorld, realmWorld, ZEROES } from '../small-world.ts'

const world = (): RealmWorld => realmWorld({}, (_, host) => [host.delegated()])

describe('RMI_GRANULE_UNDELEGATE', () => {
  testRmi(RMI_GRANULE_UNDELEGATE, world, [
    ...granuleConditions<RealmWorld>(1, 'gran', {
      'the host’s': HOST_PAGE,
      'an RD': ({ realm }) => realm.rd,
      'a REC': ({ realm }) => realm.rec,
      'memory of a Realm': ({ realm }) => realm.ram[0]!,
    }),
  ])

  test('the granule is the host’s again, in its world, and holds nothing of the Realm’s', () => {
    const { host, realm } = world()
    const secret = new Uint8Array(64).fill(0x5e)
    realm.perform((cpu) => cpu.store(RAM, secret))
    const granule = Number(host.demand(RMI_DATA_DESTROY, realm.rd, RAM)[1])
    host.demand(RMI_GRANULE_UNDELEGATE, granule)
    expect(granuleAt(host, granule)).toEqual({ state: 'undelegated', pas: 'nonSecure' })
    expect(contentOf(host, granule)).toEqual(ZEROES)
  })
})
