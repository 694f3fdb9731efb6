import { describe, expect, test } from 'vitest'
import { RMI_ERROR_INPUT, RMI_GRANULE_DELEGATE } from '../../src/abi/index.ts'
import { granuleConditions, testRmi } from '../conditions.ts'
import { PAGE } from '../scripted-host.ts'
import { contentOf, granuleAt, makeInaccessible, type RealmWorld, realmWorld, ZEROES } from '../small-world.ts'

const world = (): RealmWorld => realmWorld({}, (_, host) => [host.page()])

describe('RMI_GRANULE_DELEGATE', () => {
  testRmi(RMI_GRANULE_DELEGATE, world, [
    ...granuleConditions<RealmWorld>(1, 'gran', {
      'delegated already': ({ spare }) => spare,
      'an RD': ({ realm }) => realm.rd,
      'a REC': ({ realm }) => realm.rec,
      'memory of a Realm': ({ realm }) => realm.ram[0]!,
    }),
    {
      name: 'gran_pas: not Non-secure, says root firmware',
      arrange: ({ host, args }) => makeInaccessible(host, Number(args[0])),
      expect: [RMI_ERROR_INPUT],
    },
  ])

  test('the granule is delegated, in the Realm world, and wiped', () => {
    const { host } = world()
    const granule = host.page(new Uint8Array(PAGE).fill(0xaa))
    host.demand(RMI_GRANULE_DELEGATE, granule)
    expect(granuleAt(host, granule)).toEqual({ state: 'delegated', pas: 'realm' })
    expect(contentOf(host, granule)).toEqual(ZEROES)
  })
})
