import { describe, expect, test } from 'vitest'
import { PSCI_SYSTEM_OFF, RMI_ERROR_REALM, RMI_REALM_ACTIVATE } from '../../src/abi/index.ts'
import { testRmi } from '../conditions.ts'
import { type RealmWorld, rdConditions, realmWorld } from '../small-world.ts'

const world = (): RealmWorld => realmWorld({ activate: false }, (realm) => [realm.rd])

const activate = ({ host, realm }: RealmWorld): void => void host.demand(RMI_REALM_ACTIVATE, realm.rd)

describe('RMI_REALM_ACTIVATE', () => {
  testRmi(RMI_REALM_ACTIVATE, world, [
    ...rdConditions,
    { name: 'realm_state: active', arrange: activate, expect: [RMI_ERROR_REALM] },
  ])

  test('a Realm that turned itself off is not activated again', () => {
    const made = world()
    activate(made)
    made.realm.begin((cpu) => cpu.smc([PSCI_SYSTEM_OFF]))
    expect(made.realm.realm.state).toBe('system-off')
    expect(made.host.status(RMI_REALM_ACTIVATE, made.realm.rd)).toEqual([RMI_ERROR_REALM, 0])
  })

  test('the Realm is active, and its measurement is what it was', () => {
    const made = world()
    const { rim } = made.realm
    activate(made)
    expect(made.realm.realm.state).toBe('active')
    expect(made.realm.rim).toEqual(rim)
  })

  test('a Realm without RECs may be activated', () => {
    const { host, realm } = realmWorld({ activate: false, recs: [] }, () => [])
    expect(host.status(RMI_REALM_ACTIVATE, realm.rd)).toEqual([0, 0])
  })
})
