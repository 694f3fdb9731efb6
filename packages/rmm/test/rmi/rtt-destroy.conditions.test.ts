import { describe, expect, test } from 'vitest'
import { RMI_ERROR_INPUT, RMI_RTT_DESTROY, RMI_RTT_MAP_UNPROTECTED } from '../../src/abi/index.ts'
import { rttError, testRmi } from '../conditions.ts'
import { PAGE, UNPROTECTED } from '../scripted-host.ts'
import { contentOf, entryAt, granuleAt, type RealmWorld, rdConditions, realmWorld, ZEROES } from '../small-world.ts'

const BLOCK = 0x20_0000
const GIB = 0x4000_0000

interface TableWorld extends RealmWorld {
  /** The table that the good call destroys: of level 3, at {@link BLOCK}. */
  readonly table: number
}

function world(): TableWorld {
  const made = realmWorld({}, (realm) => [realm.rd, BLOCK, 3])
  return { ...made, table: entryAt(made.realm, BLOCK, 2).descriptor }
}

describe('RMI_RTT_DESTROY', () => {
  testRmi(
    RMI_RTT_DESTROY,
    world,
    [
      ...rdConditions,
      { name: 'level_bound: the start level', x: { 3: 1 }, expect: [RMI_ERROR_INPUT] },
      { name: 'level_bound: -1', x: { 3: 2n ** 64n - 1n }, expect: [RMI_ERROR_INPUT] },
      { name: 'level_bound: below the last', x: { 3: 4 }, expect: [RMI_ERROR_INPUT] },
      { name: 'ipa_align: to the level above', x: { 2: BLOCK + PAGE }, expect: [RMI_ERROR_INPUT] },
      { name: 'ipa_bound', x: { 2: 2 ** 32 }, expect: [RMI_ERROR_INPUT] },
      { name: 'ipa_bound: the upper half counts', x: { 2: 2n ** 63n }, expect: [RMI_ERROR_INPUT] },
      // x2 tells how far to skip: to the first live entry, or to the end of the table reached.
      { name: 'rtt_walk: no table of level 2', x: { 2: GIB }, expect: rttError(1, 0, UNPROTECTED) },
      { name: 'rtte_state: no table of level 3', x: { 2: 2 * BLOCK }, expect: rttError(2, 0, GIB) },
      {
        name: 'rtte_state: a block',
        x: { 2: UNPROTECTED + 2 * BLOCK },
        arrange: ({ host, realm }) =>
          void host.demand(RMI_RTT_MAP_UNPROTECTED, realm.rd, UNPROTECTED + 2 * BLOCK, 2, 0x8020_00d8),
        expect: rttError(2, 0, UNPROTECTED + 2 * BLOCK),
      },
      { name: 'rtt_live: memory of the Realm', x: { 2: 0 }, expect: rttError(3, 0, 0) },
      { name: 'rtt_live: tables', x: { 2: 0, 3: 2 }, expect: rttError(2, 0, 0) },
    ],
    ({ table }) => [table, GIB],
  )

  test('the table is delegated and wiped', () => {
    const { host, args, table } = world()
    host.demand(RMI_RTT_DESTROY, ...args)
    expect(granuleAt(host, table)).toEqual({ state: 'delegated', pas: 'realm' })
    expect(contentOf(host, table)).toEqual(ZEROES)
  })

  test('what it covered of the protected half is unassigned and destroyed, empty or not', () => {
    const { host, realm, args } = world()
    expect(entryAt(realm, BLOCK)).toMatchObject({ ripas: 'empty' })
    host.demand(RMI_RTT_DESTROY, ...args)
    expect(entryAt(realm, BLOCK)).toEqual({ level: 2, state: 'unassigned', descriptor: 0, ripas: 'destroyed' })
  })

  test('a table of the unprotected half may go with what the host has mapped there', () => {
    const { host, realm } = world()
    const ipa = UNPROTECTED + BLOCK
    realm.mapUnprotected(host.page(), ipa)
    host.demand(RMI_RTT_DESTROY, realm.rd, ipa, 3)
    expect(entryAt(realm, ipa)).toEqual({ level: 2, state: 'unassigned', descriptor: 0, ripas: 'empty' })
    expect(realm.can('read', ipa)).toBe(false)
  })

  test('top is the next live entry of the table above', () => {
    const { host, realm } = world()
    expect(host.demand(RMI_RTT_DESTROY, realm.rd, UNPROTECTED, 3)[2]).toBe(BigInt(UNPROTECTED + BLOCK))
    expect(host.demand(RMI_RTT_DESTROY, realm.rd, UNPROTECTED + BLOCK, 3)[2]).toBe(BigInt(UNPROTECTED + GIB))
  })

  test('a table of level 2 is live as long as there is one below it', () => {
    const { host, realm } = world()
    host.demand(RMI_RTT_DESTROY, realm.rd, UNPROTECTED, 3)
    expect(host.status(RMI_RTT_DESTROY, realm.rd, UNPROTECTED, 2)).toEqual([4, 2])
    host.demand(RMI_RTT_DESTROY, realm.rd, UNPROTECTED + BLOCK, 3)
    expect(host.status(RMI_RTT_DESTROY, realm.rd, UNPROTECTED, 2)).toEqual([0, 0])
  })
})
