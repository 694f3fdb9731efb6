import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import {
  extendRimRipas,
  RMI_DATA_DESTROY,
  RMI_ERROR_INPUT,
  RMI_ERROR_REALM,
  RMI_REALM_ACTIVATE,
  RMI_RTT_INIT_RIPAS,
} from '../../src/abi/index.ts'
import { rttError, testRmi } from '../conditions.ts'
import { PAGE, RAM, UNPROTECTED } from '../scripted-host.ts'
import { entryAt, type RealmWorld, rdConditions, realmWorld } from '../small-world.ts'

const BLOCK = 0x20_0000
/** Two pages of a table of level 3 that holds nothing. */
const [BASE, TOP] = [BLOCK, BLOCK + 2 * PAGE]

const world = (): RealmWorld => realmWorld({ activate: false }, (realm) => [realm.rd, BASE, TOP])

describe('RMI_RTT_INIT_RIPAS', () => {
  testRmi(
    RMI_RTT_INIT_RIPAS,
    world,
    [
      { name: 'size_valid: empty', x: { 3: BASE }, expect: [RMI_ERROR_INPUT] },
      { name: 'size_valid: backwards', x: { 3: BASE - PAGE }, expect: [RMI_ERROR_INPUT] },
      ...rdConditions,
      { name: 'base_align: to a page', x: { 2: BASE + 8 }, expect: [RMI_ERROR_INPUT] },
      { name: 'top_gran_align', x: { 3: TOP + 8 }, expect: [RMI_ERROR_INPUT] },
      { name: 'top_bound: unprotected', x: { 3: UNPROTECTED + PAGE }, expect: [RMI_ERROR_INPUT] },
      { name: 'base_bound: all unprotected', x: { 2: UNPROTECTED, 3: UNPROTECTED + PAGE }, expect: [RMI_ERROR_INPUT] },
      { name: 'top_bound: beyond the address space', x: { 3: 2n ** 64n - 0x1000n }, expect: [RMI_ERROR_INPUT] },
      {
        name: 'realm_state: active',
        arrange: ({ host, realm }) => void host.demand(RMI_REALM_ACTIVATE, realm.rd),
        expect: [RMI_ERROR_REALM],
      },
      {
        name: 'base_align: to the entry reached',
        x: { 2: 2 * BLOCK + PAGE, 3: 4 * BLOCK },
        expect: rttError(2),
      },
      {
        name: 'no_progress: a range shorter than the entry',
        x: { 2: 2 * BLOCK, 3: 3 * BLOCK - PAGE },
        expect: rttError(2),
      },
      { name: 'rtte_state: memory', x: { 2: RAM, 3: RAM + PAGE }, expect: rttError(3) },
    ],
    () => [TOP],
  )

  test('the range is RAM, and what follows is not', () => {
    const { host, realm, args } = world()
    host.demand(RMI_RTT_INIT_RIPAS, ...args)
    const ripas = [BASE - PAGE, BASE, BASE + PAGE, TOP].map((ipa) => entryAt(realm, ipa).ripas)
    expect(ripas).toEqual(['empty', 'ram', 'ram', 'empty'])
    expect(entryAt(realm, BASE).state).toBe('unassigned')
  })

  test('each entry is measured by itself', () => {
    const { host, realm, args } = world()
    const first = extendRimRipas(realm.rim, BASE, BASE + PAGE, sha256)
    host.demand(RMI_RTT_INIT_RIPAS, ...args)
    expect(realm.rim).toEqual(extendRimRipas(first, BASE + PAGE, TOP, sha256))
  })

  test('what is RAM already is measured again', () => {
    const { host, realm, args } = world()
    host.demand(RMI_RTT_INIT_RIPAS, ...args)
    const { rim } = realm
    expect(host.demand(RMI_RTT_INIT_RIPAS, realm.rd, BASE, BASE + PAGE)[1]).toBe(BigInt(BASE + PAGE))
    expect(realm.rim).toEqual(extendRimRipas(rim, BASE, BASE + PAGE, sha256))
  })

  test('a larger entry is set, and measured, as a whole', () => {
    const { host, realm } = world()
    const expected = extendRimRipas(realm.rim, 2 * BLOCK, 3 * BLOCK, sha256)
    expect(host.demand(RMI_RTT_INIT_RIPAS, realm.rd, 2 * BLOCK, 4 * BLOCK - PAGE)[1]).toBe(BigInt(3 * BLOCK))
    expect(realm.rim).toEqual(expected)
    expect(entryAt(realm, 3 * BLOCK - PAGE)).toMatchObject({ level: 2, ripas: 'ram' })
    expect(entryAt(realm, 3 * BLOCK)).toMatchObject({ level: 2, ripas: 'empty' })
  })

  test('it stops at the end of a table', () => {
    const { host, realm } = world()
    const x = host.demand(RMI_RTT_INIT_RIPAS, realm.rd, 2 * BLOCK - PAGE, 2 * BLOCK + 4 * PAGE)
    expect(x[1]).toBe(BigInt(2 * BLOCK))
  })

  test('it stops at memory, and at what was destroyed', () => {
    const { host, realm } = world()
    expect(host.demand(RMI_RTT_INIT_RIPAS, realm.rd, RAM - PAGE, RAM + PAGE)[1]).toBe(BigInt(RAM))
    host.demand(RMI_DATA_DESTROY, realm.rd, RAM)
    expect(host.status(RMI_RTT_INIT_RIPAS, realm.rd, RAM, RAM + PAGE)).toEqual([4, 3])
  })

  test('it stops at a table', () => {
    const { host, realm } = world()
    host.demand(RMI_RTT_INIT_RIPAS, realm.rd, 2 * BLOCK, 3 * BLOCK)
    realm.addTable(3 * BLOCK, 3)
    expect(host.demand(RMI_RTT_INIT_RIPAS, realm.rd, 2 * BLOCK, 4 * BLOCK)[1]).toBe(BigInt(3 * BLOCK))
  })
})
