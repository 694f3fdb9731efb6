import { describe, expect, test } from 'vitest'
import {
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_DESTROY,
  RMI_ERROR_INPUT,
  RMI_RTT_DESTROY,
  RMI_RTT_INIT_RIPAS,
} from '../../src/abi/index.ts'
import { granuleConditions, HOST_PAGE, rttError, testRmi } from '../conditions.ts'
import { PAGE, RAM, UNPROTECTED } from '../scripted-host.ts'
import { contentOf, entryAt, granuleAt, type RealmWorld, rdConditions, realmWorld, ZEROES } from '../small-world.ts'

const FREE = 0x20_0000

const world = (activate = true): RealmWorld =>
  realmWorld({ activate }, (realm, host) => [realm.rd, host.delegated(), FREE])

describe('RMI_DATA_CREATE_UNKNOWN', () => {
  testRmi(RMI_DATA_CREATE_UNKNOWN, world, [
    ...granuleConditions<RealmWorld>(2, 'data', {
      'the host’s': HOST_PAGE,
      'memory of a Realm': ({ realm }) => realm.ram[0]!,
    }),
    ...rdConditions,
    { name: 'ipa_align', x: { 3: FREE + 8 }, expect: [RMI_ERROR_INPUT] },
    { name: 'ipa_bound: unprotected', x: { 3: UNPROTECTED }, expect: [RMI_ERROR_INPUT] },
    { name: 'ipa_bound: beyond the address space', x: { 3: 2n ** 64n - 0x1000n }, expect: [RMI_ERROR_INPUT] },
    { name: 'rtt_walk: no table of level 2', x: { 3: 0x4000_0000 }, expect: rttError(1) },
    { name: 'rtt_walk: no table of level 3', x: { 3: 0x40_0000 }, expect: rttError(2) },
    { name: 'rtte_state: assigned', x: { 3: RAM }, expect: rttError(3) },
  ])

  test('the granule is memory of the Realm, holds nothing of anyone’s, and is not measured', () => {
    const { host, realm, args } = world(false)
    const { rim } = realm
    host.demand(RMI_DATA_CREATE_UNKNOWN, ...args)
    const data = Number(args[1])
    expect(granuleAt(host, data)).toEqual({ state: 'data', pas: 'realm' })
    expect(contentOf(host, data)).toEqual(ZEROES)
    expect(entryAt(realm, FREE)).toMatchObject({ level: 3, state: 'assigned', descriptor: data })
    expect(realm.rim).toEqual(rim)
  })

  test('the table that names it is live', () => {
    const { host, realm, args } = world()
    host.demand(RMI_DATA_CREATE_UNKNOWN, ...args)
    expect(host.status(RMI_RTT_DESTROY, realm.rd, FREE, 3)).toEqual([4, 3])
  })

  test('the RIPAS stays as it is: empty, RAM or destroyed', () => {
    const { host, realm } = world(false)
    host.demand(RMI_RTT_INIT_RIPAS, realm.rd, FREE + PAGE, FREE + 2 * PAGE)
    host.demand(RMI_DATA_DESTROY, realm.rd, RAM)
    for (const [ipa, ripas] of [
      [FREE, 'empty'],
      [FREE + PAGE, 'ram'],
      [RAM, 'destroyed'],
    ] as const) {
      host.demand(RMI_DATA_CREATE_UNKNOWN, realm.rd, host.delegated(), ipa)
      expect(entryAt(realm, ipa)).toMatchObject({ state: 'assigned', ripas })
    }
  })
})
