import { describe, expect, test } from 'vitest'
import {
  RMI_DATA_DESTROY,
  RMI_ERROR_INPUT,
  RMI_RTT_CREATE,
  RMI_RTT_DESTROY,
  RMI_RTT_INIT_RIPAS,
  RMI_RTT_MAP_UNPROTECTED,
} from '../../src/abi/index.ts'
import { granuleConditions, HOST_PAGE, rttError, testRmi } from '../conditions.ts'
import { PAGE, RAM, UNPROTECTED } from '../scripted-host.ts'
import { entryAt, granuleAt, type RealmWorld, rdConditions, realmWorld } from '../small-world.ts'

const BLOCK = 0x20_0000
/** The first address without a table of level 3, and the first without one of level 2. */
const FREE = 2 * BLOCK
const FREE_GIB = 0x4000_0000

const world = (activate = true): RealmWorld =>
  realmWorld({ activate }, (realm, host) => [realm.rd, host.delegated(), FREE, 3])

describe('RMI_RTT_CREATE', () => {
  testRmi(RMI_RTT_CREATE, world, [
    ...rdConditions,
    ...granuleConditions<RealmWorld>(2, 'rtt', {
      'the host’s': HOST_PAGE,
      'a table': ({ realm }) => realm.realm.identity.startTableAddress,
    }),
    { name: 'level_bound: the start level', x: { 4: 1 }, expect: [RMI_ERROR_INPUT] },
    { name: 'level_bound: above the start level', x: { 4: 0 }, expect: [RMI_ERROR_INPUT] },
    { name: 'level_bound: -1', x: { 4: 2n ** 64n - 1n }, expect: [RMI_ERROR_INPUT] },
    { name: 'level_bound: below the last', x: { 4: 4 }, expect: [RMI_ERROR_INPUT] },
    { name: 'level_bound: the upper half counts', x: { 4: 0x1_0000_0003 }, expect: [RMI_ERROR_INPUT] },
    { name: 'ipa_align: to the level above', x: { 3: FREE + PAGE }, expect: [RMI_ERROR_INPUT] },
    { name: 'ipa_bound', x: { 3: 2 ** 32 }, expect: [RMI_ERROR_INPUT] },
    { name: 'ipa_bound: the upper half counts', x: { 3: 2n ** 63n }, expect: [RMI_ERROR_INPUT] },
    { name: 'rtt_walk: no table of level 2', x: { 3: FREE_GIB }, expect: rttError(1) },
    { name: 'rtte_state: a table of level 3', x: { 3: BLOCK }, expect: rttError(2) },
    { name: 'rtte_state: a table of level 2', x: { 3: 0, 4: 2 }, expect: rttError(1) },
  ])

  test('the granule is a table', () => {
    const { host, realm, args } = world()
    host.demand(RMI_RTT_CREATE, ...args)
    expect(granuleAt(host, Number(args[1]))).toEqual({ state: 'rtt', pas: 'realm' })
    expect(entryAt(realm, FREE, 2)).toEqual({ level: 2, state: 'table', descriptor: Number(args[1]), ripas: 'empty' })
  })

  test.each([
    ['empty', () => undefined],
    ['ram', ({ host, realm }: RealmWorld) => void host.demand(RMI_RTT_INIT_RIPAS, realm.rd, FREE, FREE + BLOCK)],
    [
      'destroyed',
      ({ host, realm, spare }: RealmWorld) => {
        host.demand(RMI_RTT_CREATE, realm.rd, spare, FREE, 3)
        host.demand(RMI_RTT_DESTROY, realm.rd, FREE, 3)
      },
    ],
  ])('entries of a table over unassigned %s are the same', (ripas, arrange) => {
    const made = world(false)
    arrange(made)
    expect(entryAt(made.realm, FREE, 2)).toMatchObject({ state: 'unassigned', ripas })
    made.host.demand(RMI_RTT_CREATE, ...made.args)
    for (const page of [0, 1, 511]) {
      expect(entryAt(made.realm, FREE + page * PAGE)).toEqual({ level: 3, state: 'unassigned', descriptor: 0, ripas })
    }
  })

  test('entries of a table over a block of the host’s are its pages, with its attributes', () => {
    const { host, realm } = world()
    const [ipa, block] = [UNPROTECTED + FREE, 0x8020_0000]
    host.demand(RMI_RTT_MAP_UNPROTECTED, realm.rd, ipa, 2, block + 0x48)
    host.demand(RMI_RTT_CREATE, realm.rd, host.delegated(), ipa, 3)
    for (const page of [0, 1, 511]) {
      const descriptor = block + page * PAGE + 0x48
      expect(entryAt(realm, ipa + page * PAGE)).toEqual({ level: 3, state: 'assigned', descriptor, ripas: 'empty' })
    }
  })

  test('a table that holds nothing else makes the one above it live', () => {
    const { host, realm, args } = world()
    for (const page of realm.ram.keys()) host.demand(RMI_DATA_DESTROY, realm.rd, RAM + page * PAGE)
    for (const ipa of [0, BLOCK]) host.demand(RMI_RTT_DESTROY, realm.rd, ipa, 3)
    host.demand(RMI_RTT_CREATE, ...args)
    expect(host.status(RMI_RTT_DESTROY, realm.rd, 0, 2)).toEqual([4, 2])
  })
})
