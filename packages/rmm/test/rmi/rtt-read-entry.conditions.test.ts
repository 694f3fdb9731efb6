import { describe, expect, test } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import { RMI_DATA_CREATE_UNKNOWN, RMI_DATA_DESTROY, RMI_ERROR_INPUT, RMI_RTT_READ_ENTRY } from '../../src/abi/index.ts'
import { testRmi } from '../conditions.ts'
import { PAGE, RAM, UNPROTECTED } from '../scripted-host.ts'
import { entryAt, type RealmWorld, rdConditions, realmWorld } from '../small-world.ts'

const BLOCK = 0x20_0000

const world = (): RealmWorld => realmWorld({}, (realm) => [realm.rd, RAM, 3])

describe('RMI_RTT_READ_ENTRY', () => {
  testRmi(
    RMI_RTT_READ_ENTRY,
    world,
    [
      ...rdConditions,
      { name: 'level_bound: above the start level', x: { 3: 0 }, expect: [RMI_ERROR_INPUT] },
      { name: 'level_bound: -1', x: { 3: 2n ** 64n - 1n }, expect: [RMI_ERROR_INPUT] },
      { name: 'level_bound: below the last', x: { 3: 4 }, expect: [RMI_ERROR_INPUT] },
      { name: 'ipa_align', x: { 2: RAM + 8 }, expect: [RMI_ERROR_INPUT] },
      { name: 'ipa_align: to the level', x: { 2: RAM, 3: 2 }, expect: [RMI_ERROR_INPUT] },
      { name: 'ipa_bound', x: { 2: 2 ** 32 }, expect: [RMI_ERROR_INPUT] },
      { name: 'ipa_bound: the upper half counts', x: { 2: 2n ** 63n }, expect: [RMI_ERROR_INPUT] },
    ],
    // Walk level, ASSIGNED, address, RAM.
    ({ realm }) => [3, 1, realm.ram[0]!, 1],
  )

  test('state_invalid: an unassigned entry has no address', () => {
    const { realm } = world()
    expect(entryAt(realm, BLOCK)).toEqual({ level: 3, state: 'unassigned', descriptor: 0, ripas: 'empty' })
    expect(entryAt(realm, UNPROTECTED)).toEqual({ level: 3, state: 'unassigned', descriptor: 0, ripas: 'empty' })
  })

  test('state_prot: memory has its address and no attributes, whatever its RIPAS', () => {
    const { host, realm } = world()
    expect(entryAt(realm, RAM)).toEqual({ level: 3, state: 'assigned', descriptor: realm.ram[0]!, ripas: 'ram' })
    const granule = host.delegated()
    host.demand(RMI_DATA_CREATE_UNKNOWN, realm.rd, granule, BLOCK)
    expect(entryAt(realm, BLOCK)).toEqual({ level: 3, state: 'assigned', descriptor: granule, ripas: 'empty' })
  })

  // The text gives the address here too (state_prot); the recorded revision of the firmware gives zero, its successor does not.
  test('memory at a destroyed address has no address', () => {
    const { host, realm } = world()
    host.demand(RMI_DATA_DESTROY, realm.rd, RAM)
    host.demand(RMI_DATA_CREATE_UNKNOWN, realm.rd, host.delegated(), RAM)
    expect(entryAt(realm, RAM)).toEqual({ level: 3, state: 'assigned', descriptor: 0, ripas: 'destroyed' })
  })

  test('state_prot: a table has its address, and no RIPAS', () => {
    const { realm } = world()
    const [above, below] = [entryAt(realm, 0, 1), entryAt(realm, 0, 2)]
    expect([above, below]).toMatchObject([
      { level: 1, state: 'table', ripas: 'empty' },
      { level: 2, state: 'table', ripas: 'empty' },
    ])
    expect(above.descriptor).not.toBe(below.descriptor)
  })

  test('state_unprot: memory of the host’s has address and attributes as it gave them', () => {
    const { host, realm } = world()
    const page = host.page()
    realm.mapUnprotected(page, UNPROTECTED)
    expect(entryAt(realm, UNPROTECTED)).toEqual({
      level: 3,
      state: 'assigned',
      descriptor: page + 0xd8,
      ripas: 'empty',
    })
  })

  test('the level is the one that the walk reached', () => {
    const { realm } = world()
    expect(entryAt(realm, 2 * BLOCK + PAGE).level).toBe(2)
    expect(entryAt(realm, 0x4000_1000).level).toBe(1)
    expect(entryAt(realm, RAM, 3).level).toBe(3)
  })

  test('reading changes nothing', () => {
    const { host, realm } = world()
    const before = machineState(host)
    host.demand(RMI_RTT_READ_ENTRY, realm.rd, RAM, 3)
    expect(machineState(host)).toBe(before)
  })
})
