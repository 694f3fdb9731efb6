import { describe, expect, test } from 'vitest'
import { RMI_ERROR_INPUT, RMI_RTT_MAP_UNPROTECTED, RMI_RTT_UNMAP_UNPROTECTED } from '../../src/abi/index.ts'
import { rttError, testRmi } from '../conditions.ts'
import { PAGE, UNPROTECTED } from '../scripted-host.ts'
import { contentOf, entryAt, type RealmWorld, rdConditions, realmWorld } from '../small-world.ts'

const BLOCK = 0x20_0000
const GIB = 0x4000_0000
/** What is mapped: two pages with one between them, and a block. */
const PAGES = [UNPROTECTED, UNPROTECTED + 2 * PAGE]
const MAPPED_BLOCK = UNPROTECTED + 2 * BLOCK

interface MappedWorld extends RealmWorld {
  readonly page: number
}

function world(): MappedWorld {
  const made = realmWorld({}, (realm) => [realm.rd, UNPROTECTED, 3])
  const { host, realm } = made
  const page = host.page(Uint8Array.of(1, 2, 3))
  for (const ipa of PAGES) realm.mapUnprotected(page, ipa)
  host.demand(RMI_RTT_MAP_UNPROTECTED, realm.rd, MAPPED_BLOCK, 2, 0x8020_00d8)
  return { ...made, page }
}

describe('RMI_RTT_UNMAP_UNPROTECTED', () => {
  testRmi(
    RMI_RTT_UNMAP_UNPROTECTED,
    world,
    [
      ...rdConditions,
      { name: 'level_bound: no blocks so large', x: { 3: 0 }, expect: [RMI_ERROR_INPUT] },
      { name: 'level_bound: -1', x: { 3: 2n ** 64n - 1n }, expect: [RMI_ERROR_INPUT] },
      { name: 'level_bound: below the last', x: { 3: 4 }, expect: [RMI_ERROR_INPUT] },
      { name: 'ipa_align', x: { 2: UNPROTECTED + 8 }, expect: [RMI_ERROR_INPUT] },
      { name: 'ipa_align: to a block', x: { 2: UNPROTECTED + PAGE, 3: 2 }, expect: [RMI_ERROR_INPUT] },
      { name: 'ipa_bound: protected', x: { 2: BLOCK }, expect: [RMI_ERROR_INPUT] },
      { name: 'ipa_bound: beyond the address space', x: { 2: 2 ** 32 }, expect: [RMI_ERROR_INPUT] },
      // x1 tells how far to skip: to the first live entry, or to the end of the table reached.
      { name: 'rtt_walk: no table of level 2', x: { 2: UNPROTECTED + GIB }, expect: rttError(1, 2 ** 39) },
      { name: 'rtt_walk: no table of level 3', x: { 2: MAPPED_BLOCK + BLOCK }, expect: rttError(2, UNPROTECTED + GIB) },
      {
        name: 'rtt_walk: a block where a page is asked for',
        x: { 2: MAPPED_BLOCK },
        expect: rttError(2, MAPPED_BLOCK),
      },
      { name: 'rtte_state: a table', x: { 2: UNPROTECTED, 3: 2 }, expect: rttError(2, UNPROTECTED) },
      { name: 'rtte_state: unassigned', x: { 2: UNPROTECTED + PAGE }, expect: rttError(3, PAGES[1]!) },
    ],
    () => [PAGES[1]!],
  )

  test('the entry is unassigned, and the Realm reads there no more', () => {
    const { host, realm, args } = world()
    expect(realm.can('read', UNPROTECTED)).toBe(true)
    host.demand(RMI_RTT_UNMAP_UNPROTECTED, ...args)
    expect(entryAt(realm, UNPROTECTED)).toEqual({ level: 3, state: 'unassigned', descriptor: 0, ripas: 'empty' })
    expect(realm.can('read', UNPROTECTED)).toBe(false)
  })

  test('a block goes as a whole', () => {
    const { host, realm } = world()
    const top = host.demand(RMI_RTT_UNMAP_UNPROTECTED, realm.rd, MAPPED_BLOCK, 2)[1]
    expect(top).toBe(BigInt(UNPROTECTED + GIB))
    expect(entryAt(realm, MAPPED_BLOCK)).toMatchObject({ level: 2, state: 'unassigned' })
  })

  test('the page stays what it was', () => {
    const { host, args, page } = world()
    host.demand(RMI_RTT_UNMAP_UNPROTECTED, ...args)
    expect(contentOf(host, page).subarray(0, 3)).toEqual(Uint8Array.of(1, 2, 3))
  })
})
