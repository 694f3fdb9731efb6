import { createHash } from 'node:crypto'
import { PAS } from '@mica/hw-sim'
import { measureConstruction, RMI_GRANULE_UNDELEGATE, RMI_REALM_DESTROY, RMI_SGT, RMI_SGT_DESTROY } from '@mica/rmm/abi'
import { describe, expect, test } from 'vitest'
import { createSharedRegion, createUnprotectedWindow, HostError, tearDownRealm, undelegate } from '../src/index.ts'
import { planOf, smallRealm, testMachine, waitForever } from './machine.ts'

describe('building Realms', () => {
  test('the steps of a plan give the measurement that was computed for them without a machine', () => {
    const rims: unknown[] = []
    const { builder } = testMachine(waitForever, ({ event, rim }) => event === 'realm' && rims.push(rim))
    builder.build(planOf())
    const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
    expect(rims.at(-1)).toBe(Buffer.from(measureConstruction(smallRealm, sha256)).toString('hex'))
  })

  test('a command that the monitor refuses is named, with its status', () => {
    const { builder } = testMachine()
    const twice = [...smallRealm, smallRealm[2]!]
    expect(() => builder.build(planOf({ steps: twice }))).toThrow(
      new HostError('RMI_DATA_CREATE answered RMI_ERROR_RTT (3)'),
    )
  })

  test('a machine without memory is told apart from a refusal', () => {
    const { pool } = testMachine()
    expect(() => pool.takeContiguous(5000)).toThrow(/no 5000 free granules/)
  })
})

describe('taking everything back', () => {
  test("after teardown every granule of the machine is the host's again, and holds zeroes", () => {
    const { machine, world, pool, builder } = testMachine()
    const sgt = builder.delegated()
    world.demand(RMI_SGT, sgt)
    const region = createSharedRegion(world, pool, 3)
    const window = createUnprotectedWindow(pool, 2)
    const first = builder.build(
      planOf({ shared: [{ region, ipa: 0 }], unprotected: [{ window, ipa: 2 ** 38, rights: 3 }] }),
    )
    const second = builder.build(planOf({ shared: [{ region, ipa: 0x20_0000 }] }))

    tearDownRealm(world, pool, first)
    tearDownRealm(world, pool, second)
    for (const granule of region.granules) undelegate(world, pool, granule)
    world.demand(RMI_SGT_DESTROY, sgt)
    undelegate(world, pool, sgt)

    const taken = [first.rd, first.rtt, ...first.data.map(({ granule }) => granule), ...region.granules, sgt]
    for (let granule = 0; granule < machine.memory.granules; granule++)
      expect(machine.memory.pas(granule)).toBe(PAS.nonSecure)
    for (const address of taken) expect(world.read(address, 4096)).toEqual(new Uint8Array(4096))
  })

  test('a Realm that still shares a granule keeps it: the host cannot undelegate it', () => {
    const { world, pool, builder } = testMachine()
    world.demand(RMI_SGT, builder.delegated())
    const region = createSharedRegion(world, pool, 1)
    const realm = builder.build(planOf({ shared: [{ region, ipa: 0 }] }))
    expect(world.rmi(RMI_GRANULE_UNDELEGATE, region.granules[0]!).status).not.toBe(0)
    expect(world.rmi(RMI_REALM_DESTROY, realm.rd).status).not.toBe(0)
  })
})
