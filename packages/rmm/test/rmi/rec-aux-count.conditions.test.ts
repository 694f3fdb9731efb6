import { describe, expect, test } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import { RMI_REC_AUX_COUNT } from '../../src/abi/index.ts'
import { testRmi } from '../conditions.ts'
import { type RealmWorld, rdConditions, realmWorld } from '../small-world.ts'

const world = (): RealmWorld => realmWorld({}, (realm) => [realm.rd])

describe('RMI_REC_AUX_COUNT', () => {
  testRmi(RMI_REC_AUX_COUNT, world, rdConditions, () => [16])

  test('asking changes nothing', () => {
    const { host, realm } = world()
    const before = machineState(host)
    host.demand(RMI_REC_AUX_COUNT, realm.rd)
    expect(machineState(host)).toBe(before)
  })
})
