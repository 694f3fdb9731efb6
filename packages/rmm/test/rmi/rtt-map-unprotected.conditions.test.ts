import { describe, expect, test } from 'vitest'
import { RMI_ERROR_INPUT, RMI_RTT_MAP_UNPROTECTED } from '../../src/abi/index.ts'
import { type Condition, rttError, testRmi } from '../conditions.ts'
import { PAGE, UNPROTECTED } from '../scripted-host.ts'
import { entryAt, makeInaccessible, type RealmWorld, rdConditions, realmWorld } from '../small-world.ts'

const BLOCK = 0x20_0000
const GIB = 0x4000_0000
/** Readable, writable, and MemAttr normal write-back. */
const ATTRIBUTES = 0xd8
const PAGE_OF_HOST = 0x8000_1000

const world = (): RealmWorld => realmWorld({}, (realm) => [realm.rd, UNPROTECTED, 3, PAGE_OF_HOST + ATTRIBUTES])

function descriptor(what: string, value: number | bigint): Condition<RealmWorld> {
  return { name: `attr_valid: ${what}`, x: { 4: value }, expect: [RMI_ERROR_INPUT] }
}

describe('RMI_RTT_MAP_UNPROTECTED', () => {
  testRmi(RMI_RTT_MAP_UNPROTECTED, world, [
    { name: 'level_bound: no blocks so large', x: { 3: 0 }, expect: [RMI_ERROR_INPUT] },
    { name: 'level_bound: -1', x: { 3: 2n ** 64n - 1n }, expect: [RMI_ERROR_INPUT] },
    { name: 'level_bound: below the last', x: { 3: 4 }, expect: [RMI_ERROR_INPUT] },
    ...rdConditions,
    descriptor('the valid bit', PAGE_OF_HOST + ATTRIBUTES + 1),
    descriptor('shareability', PAGE_OF_HOST + ATTRIBUTES + 0x300),
    descriptor('access flag', PAGE_OF_HOST + ATTRIBUTES + 0x400),
    descriptor('not-global', PAGE_OF_HOST + ATTRIBUTES + 0x800),
    descriptor('the reserved MemAttr', PAGE_OF_HOST + 0xc0 + 0x10),
    descriptor('an address of more than 48 bits', 2 ** 48 + PAGE_OF_HOST + ATTRIBUTES),
    descriptor('bit 55, Non-secure', (1n << 55n) + BigInt(PAGE_OF_HOST + ATTRIBUTES)),
    descriptor('bit 63', (1n << 63n) + BigInt(PAGE_OF_HOST + ATTRIBUTES)),
    {
      name: 'attr_valid: an address that is not aligned to a block',
      x: { 2: UNPROTECTED + 2 * BLOCK, 3: 2, 4: PAGE_OF_HOST + ATTRIBUTES },
      expect: [RMI_ERROR_INPUT],
    },
    { name: 'ipa_align', x: { 2: UNPROTECTED + 8 }, expect: [RMI_ERROR_INPUT] },
    { name: 'ipa_align: to a block', x: { 2: UNPROTECTED + PAGE, 3: 2, 4: 0x8020_00d8 }, expect: [RMI_ERROR_INPUT] },
    { name: 'ipa_bound: protected', x: { 2: BLOCK }, expect: [RMI_ERROR_INPUT] },
    { name: 'ipa_bound: beyond the address space', x: { 2: 2 ** 32 }, expect: [RMI_ERROR_INPUT] },
    { name: 'rtt_walk: no table of level 2', x: { 2: UNPROTECTED + GIB }, expect: rttError(1) },
    { name: 'rtt_walk: no table of level 3', x: { 2: UNPROTECTED + 2 * BLOCK }, expect: rttError(2) },
    { name: 'rtte_state: a table', x: { 2: UNPROTECTED, 3: 2, 4: 0x8020_00d8 }, expect: rttError(2) },
    {
      name: 'rtte_state: assigned',
      arrange: ({ host, args }) => void host.demand(RMI_RTT_MAP_UNPROTECTED, ...args),
      expect: rttError(3),
    },
  ])

  test('the entry is the descriptor', () => {
    const { host, realm, args } = world()
    host.demand(RMI_RTT_MAP_UNPROTECTED, ...args)
    const descriptor = PAGE_OF_HOST + ATTRIBUTES
    expect(entryAt(realm, UNPROTECTED)).toEqual({ level: 3, state: 'assigned', descriptor, ripas: 'empty' })
  })

  test.each([1, 2, 3])('a mapping of level %d is one entry there', (level) => {
    const { host, realm } = world()
    const ipa = UNPROTECTED + { 1: GIB, 2: 2 * BLOCK, 3: PAGE }[level]!
    host.demand(RMI_RTT_MAP_UNPROTECTED, realm.rd, ipa, level, 0x8000_0000 + ATTRIBUTES)
    expect(entryAt(realm, ipa)).toMatchObject({ level, state: 'assigned', descriptor: 0x8000_0000 + ATTRIBUTES })
  })

  test('the Realm reads and writes the host’s page, as far as the attributes say', () => {
    const { host, realm } = world()
    const page = host.page(Uint8Array.of(7))
    const [readable, writable] = [UNPROTECTED, UNPROTECTED + PAGE]
    host.demand(RMI_RTT_MAP_UNPROTECTED, realm.rd, readable, 3, page + 0x58)
    host.demand(RMI_RTT_MAP_UNPROTECTED, realm.rd, writable, 3, page + 0x98)
    expect(realm.perform((cpu) => cpu.load(readable, 1)).value).toEqual(Uint8Array.of(7))
    expect(realm.can('write', writable)).toBe(true)
    expect(realm.can('write', readable)).toBe(false)
  })

  test('what the address leads to is not looked at: hardware refuses at the access', () => {
    const { host, realm } = world()
    const secure = host.page()
    makeInaccessible(host, secure)
    for (const [page, target] of [0x4000_0000, realm.rd, secure].entries()) {
      expect(realm.mapUnprotected(target, UNPROTECTED + page * PAGE)).toEqual([0, 0])
      expect(realm.can('read', UNPROTECTED + page * PAGE)).toBe(false)
    }
  })
})
