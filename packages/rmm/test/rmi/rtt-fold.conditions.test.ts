import { describe, expect, test } from 'vitest'
import {
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_DESTROY,
  RMI_ERROR_INPUT,
  RMI_RTT_CREATE,
  RMI_RTT_DESTROY,
  RMI_RTT_FOLD,
  RMI_RTT_INIT_RIPAS,
  RMI_RTT_MAP_UNPROTECTED,
} from '../../src/abi/index.ts'
import { rttError, testRmi } from '../conditions.ts'
import { PAGE, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
import { contentOf, entryAt, granuleAt, type RealmWorld, rdConditions, realmWorld, ZEROES } from '../small-world.ts'

const BLOCK = 0x20_0000
const GIB = 0x4000_0000
const ENTRIES = 512
/** Two megabytes of the host's, aligned so; in no machine of these tests, which the monitor does not look at. */
const HOST_BLOCK = 0x4020_0000
/** And of the Realm world, in a machine that has as much. */
const REALM_BLOCK = 0x8020_0000
const LARGE = { dramSize: 0x40_0000 }

interface FoldWorld extends RealmWorld {
  /** The table that the good call folds: of level 3, at {@link BLOCK}, all of it unassigned and empty. */
  readonly table: number
}

function world(): FoldWorld {
  const made = realmWorld({ activate: false }, (realm) => [realm.rd, BLOCK, 3])
  return { ...made, table: entryAt(made.realm, BLOCK, 2).descriptor }
}

/** Maps what would be a block page by page. */
function mapPages({ host, rd }: ScriptedRealm, ipa: number, pages: number, attributes = 0xd8): void {
  for (let page = 0; page < pages; page++) {
    host.demand(RMI_RTT_MAP_UNPROTECTED, rd, ipa + page * PAGE, 3, HOST_BLOCK + page * PAGE + attributes)
  }
}

describe('RMI_RTT_FOLD', () => {
  testRmi(
    RMI_RTT_FOLD,
    world,
    [
      ...rdConditions,
      { name: 'level_bound: the start level', x: { 3: 1 }, expect: [RMI_ERROR_INPUT] },
      { name: 'level_bound: -1', x: { 3: 2n ** 64n - 1n }, expect: [RMI_ERROR_INPUT] },
      { name: 'level_bound: below the last', x: { 3: 4 }, expect: [RMI_ERROR_INPUT] },
      { name: 'ipa_align: to the level above', x: { 2: BLOCK + PAGE }, expect: [RMI_ERROR_INPUT] },
      { name: 'ipa_bound', x: { 2: 2 ** 32 }, expect: [RMI_ERROR_INPUT] },
      { name: 'ipa_bound: the upper half counts', x: { 2: 2n ** 63n }, expect: [RMI_ERROR_INPUT] },
      { name: 'rtt_walk: no table of level 2', x: { 2: GIB }, expect: rttError(1) },
      { name: 'rtte_state: no table of level 3', x: { 2: 2 * BLOCK }, expect: rttError(2) },
      { name: 'rtt_fold: memory among nothing', x: { 2: 0 }, expect: rttError(3) },
      { name: 'rtt_fold: tables', x: { 2: 0, 3: 2 }, expect: rttError(2) },
      {
        name: 'rtt_fold: RAM among what is empty',
        arrange: ({ host, realm }) =>
          void host.demand(RMI_RTT_INIT_RIPAS, realm.rd, BLOCK + 5 * PAGE, BLOCK + 6 * PAGE),
        expect: rttError(3),
      },
      {
        name: 'rtt_fold: the host’s among nothing',
        x: { 2: UNPROTECTED + BLOCK },
        arrange: ({ realm }) => mapPages(realm, UNPROTECTED + BLOCK, 1),
        expect: rttError(3),
      },
    ],
    ({ table }) => [table],
  )

  test('the table is delegated and wiped, and the entry above says what its entries said', () => {
    const { host, realm, args, table } = world()
    host.demand(RMI_RTT_FOLD, ...args)
    expect(granuleAt(host, table)).toEqual({ state: 'delegated', pas: 'realm' })
    expect(contentOf(host, table)).toEqual(ZEROES)
    expect(entryAt(realm, BLOCK)).toEqual({ level: 2, state: 'unassigned', descriptor: 0, ripas: 'empty' })
  })

  test.each([
    ['ram', (realm: ScriptedRealm) => realm.host.demand(RMI_RTT_INIT_RIPAS, realm.rd, BLOCK, 2 * BLOCK)],
    [
      'destroyed',
      ({ host, rd }: ScriptedRealm) => {
        host.demand(RMI_RTT_DESTROY, rd, BLOCK, 3)
        host.demand(RMI_RTT_CREATE, rd, host.delegated(), BLOCK, 3)
      },
    ],
  ])('a table of unassigned entries that are %s folds to one', (ripas, arrange) => {
    const { host, realm, args } = world()
    arrange(realm)
    const { rim } = realm
    host.demand(RMI_RTT_FOLD, ...args)
    expect(entryAt(realm, BLOCK)).toEqual({ level: 2, state: 'unassigned', descriptor: 0, ripas })
    expect(realm.rim).toEqual(rim)
  })

  test('folding undoes what creating a table did', () => {
    const { host, realm, args } = world()
    host.demand(RMI_RTT_FOLD, ...args)
    const table = host.delegated()
    host.demand(RMI_RTT_CREATE, realm.rd, table, BLOCK, 3)
    expect(host.demand(RMI_RTT_FOLD, ...args)[1]).toBe(BigInt(table))
  })

  test('a table of level 2 folds too, when those below it have', () => {
    const { host, realm } = world()
    for (const ipa of [UNPROTECTED, UNPROTECTED + BLOCK]) host.demand(RMI_RTT_FOLD, realm.rd, ipa, 3)
    host.demand(RMI_RTT_FOLD, realm.rd, UNPROTECTED, 2)
    expect(entryAt(realm, UNPROTECTED)).toMatchObject({ level: 1, state: 'unassigned' })
  })

  describe('of memory of the host’s', () => {
    const ipa = UNPROTECTED + BLOCK

    test('pages in a row with the same attributes fold to a block', () => {
      const { host, realm } = world()
      mapPages(realm, ipa, ENTRIES)
      host.demand(RMI_RTT_FOLD, realm.rd, ipa, 3)
      const descriptor = HOST_BLOCK + 0xd8
      expect(entryAt(realm, ipa)).toEqual({ level: 2, state: 'assigned', descriptor, ripas: 'empty' })
    })

    test.each([
      ['one has other rights', HOST_BLOCK + 0x58],
      ['one has another memory type', HOST_BLOCK + 0xc8],
      ['one is somewhere else', HOST_BLOCK + 2 * BLOCK + 0xd8],
    ])('pages do not fold where %s', (_, firstPage) => {
      const { host, realm } = world()
      mapPages(realm, ipa, ENTRIES - 1)
      const last = firstPage + (ENTRIES - 1) * PAGE
      host.demand(RMI_RTT_MAP_UNPROTECTED, realm.rd, ipa + (ENTRIES - 1) * PAGE, 3, last)
      expect(host.status(RMI_RTT_FOLD, realm.rd, ipa, 3)).toEqual([4, 3])
    })

    test('pages do not fold where one is missing', () => {
      const { host, realm } = world()
      mapPages(realm, ipa, ENTRIES - 1)
      expect(host.status(RMI_RTT_FOLD, realm.rd, ipa, 3)).toEqual([4, 3])
    })

    test('pages do not fold where the first is not aligned to a block', () => {
      const { host, realm } = world()
      for (let page = 0; page < ENTRIES; page++) {
        const address = HOST_BLOCK + (page + 1) * PAGE
        host.demand(RMI_RTT_MAP_UNPROTECTED, realm.rd, ipa + page * PAGE, 3, address + 0xd8)
      }
      expect(host.status(RMI_RTT_FOLD, realm.rd, ipa, 3)).toEqual([4, 3])
    })
  })

  describe('of memory of the Realm’s', () => {
    /** A table of level 3 full of memory in a row. */
    function populated(pages: number): RealmWorld {
      const made = realmWorld({ activate: false }, (realm) => [realm.rd, BLOCK, 3], LARGE)
      const { host, realm } = made
      host.demand(RMI_RTT_INIT_RIPAS, realm.rd, BLOCK, 2 * BLOCK)
      for (let page = 0; page < pages; page++) {
        const granule = host.delegate(REALM_BLOCK + page * PAGE)
        host.demand(RMI_DATA_CREATE_UNKNOWN, realm.rd, granule, BLOCK + page * PAGE)
      }
      return made
    }

    test('pages in a row fold to a block, and unfold to what they were', () => {
      const { host, realm, args } = populated(ENTRIES)
      host.demand(RMI_RTT_FOLD, ...args)
      const block = { level: 2, state: 'assigned', descriptor: REALM_BLOCK, ripas: 'ram' }
      expect(entryAt(realm, BLOCK)).toEqual(block)
      expect(host.smc(RMI_DATA_DESTROY, realm.rd, BLOCK).slice(0, 3)).toEqual(rttError(2, 0, BLOCK).map(BigInt))
      realm.addTable(BLOCK, 3)
      expect(entryAt(realm, BLOCK + PAGE)).toEqual({ ...block, level: 3, descriptor: REALM_BLOCK + PAGE })
    })

    test('pages do not fold where one is missing', () => {
      const { host, args } = populated(ENTRIES - 1)
      expect(host.status(RMI_RTT_FOLD, ...args)).toEqual([4, 3])
    })

    test('pages do not fold where two have changed places', () => {
      const { host, realm, args } = populated(ENTRIES)
      const granules = [0, 1].map((page) => Number(host.demand(RMI_DATA_DESTROY, realm.rd, BLOCK + page * PAGE)[1]))
      for (const [page, granule] of granules.reverse().entries()) {
        host.demand(RMI_DATA_CREATE_UNKNOWN, realm.rd, granule, BLOCK + page * PAGE)
      }
      expect(host.status(RMI_RTT_FOLD, ...args)).toEqual([4, 3])
    })
  })
})
