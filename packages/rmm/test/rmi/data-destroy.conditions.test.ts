import { describe, expect, test } from 'vitest'
import { RMI_DATA_CREATE_UNKNOWN, RMI_DATA_DESTROY, RMI_ERROR_INPUT, RMI_RTT_DESTROY } from '../../src/abi/index.ts'
import { rttError, testRmi } from '../conditions.ts'
import { PAGE, RAM, UNPROTECTED } from '../scripted-host.ts'
import { contentOf, entryAt, granuleAt, type RealmWorld, rdConditions, realmWorld, ZEROES } from '../small-world.ts'

const END_OF_TABLE = 0x20_0000

const world = (): RealmWorld => realmWorld({}, (realm) => [realm.rd, RAM])

describe('RMI_DATA_DESTROY', () => {
  testRmi(
    RMI_DATA_DESTROY,
    world,
    [
      ...rdConditions,
      { name: 'ipa_align', x: { 2: RAM + 8 }, expect: [RMI_ERROR_INPUT] },
      { name: 'ipa_bound: unprotected', x: { 2: UNPROTECTED }, expect: [RMI_ERROR_INPUT] },
      { name: 'ipa_bound: beyond the address space', x: { 2: 2n ** 64n - 0x1000n }, expect: [RMI_ERROR_INPUT] },
      // x2 tells how far to skip: to the first live entry, or to the end of the table reached.
      { name: 'rtt_walk: no table of level 2', x: { 2: 0x4000_1000 }, expect: rttError(1, 0, 2 ** 31) },
      { name: 'rtt_walk: no table of level 3', x: { 2: 0x40_1000 }, expect: rttError(2, 0, 0x4000_0000) },
      { name: 'rtte_state: unassigned, before memory', x: { 2: RAM - PAGE }, expect: rttError(3, 0, RAM) },
      { name: 'rtte_state: unassigned, after', x: { 2: RAM + 2 * PAGE }, expect: rttError(3, 0, END_OF_TABLE) },
    ],
    ({ realm }) => [realm.ram[0]!, RAM + PAGE],
  )

  test('the granule is delegated and wiped', () => {
    const { host, realm } = world()
    realm.perform((cpu) => cpu.store(RAM, new Uint8Array(16).fill(0x5e)))
    host.demand(RMI_DATA_DESTROY, realm.rd, RAM)
    expect(granuleAt(host, realm.ram[0]!)).toEqual({ state: 'delegated', pas: 'realm' })
    expect(contentOf(host, realm.ram[0]!)).toEqual(ZEROES)
  })

  test('the table is live as long as there is memory in it', () => {
    const { host, realm } = world()
    host.demand(RMI_DATA_DESTROY, realm.rd, RAM)
    expect(host.status(RMI_RTT_DESTROY, realm.rd, 0, 3)).toEqual([4, 3])
    host.demand(RMI_DATA_DESTROY, realm.rd, RAM + PAGE)
    expect(host.status(RMI_RTT_DESTROY, realm.rd, 0, 3)).toEqual([0, 0])
  })

  test('an address that was RAM is destroyed, and stays so with its next granule', () => {
    const { host, realm } = world()
    host.demand(RMI_DATA_DESTROY, realm.rd, RAM)
    expect(entryAt(realm, RAM)).toEqual({ level: 3, state: 'unassigned', descriptor: 0, ripas: 'destroyed' })
    host.demand(RMI_DATA_CREATE_UNKNOWN, realm.rd, host.delegated(), RAM)
    host.demand(RMI_DATA_DESTROY, realm.rd, RAM)
    expect(entryAt(realm, RAM)).toMatchObject({ state: 'unassigned', ripas: 'destroyed' })
  })

  test('an address that was empty stays empty', () => {
    const { host, realm } = world()
    const ipa = RAM + 8 * PAGE
    host.demand(RMI_DATA_CREATE_UNKNOWN, realm.rd, host.delegated(), ipa)
    host.demand(RMI_DATA_DESTROY, realm.rd, ipa)
    expect(entryAt(realm, ipa)).toMatchObject({ state: 'unassigned', ripas: 'empty' })
  })

  test('the measurement of a new Realm stays what it was', () => {
    const { host, realm } = realmWorld({ activate: false }, () => [])
    const { rim } = realm
    host.demand(RMI_DATA_DESTROY, realm.rd, RAM)
    expect(realm.rim).toEqual(rim)
  })
})
