import { expect, test } from 'vitest'
import {
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_CREATE_UNKNOWN_SHARED,
  RMI_GRANULE_DELEGATE,
  RMI_GRANULE_UNDELEGATE,
  RMI_REALM_PD,
  RMI_RTT_CREATE,
  RMI_SGT,
  RMI_SGT_DESTROY,
} from '../../src/abi/index.ts'
import { PAGE, ScriptedHost } from '../scripted-host.ts'
import { LINK, put, rightsAt, SECRET, upload, withoutEffect } from './arena.ts'

// The host tries to withdraw, swap, read and reuse the granules that policies and records of sharing lie in.

/** A Realm with one shared page, its policy in force, and the granules that the host gave for both. */
function scene() {
  const host = new ScriptedHost()
  const sgt = host.addSharedGranuleTable()
  const realm = host.createRealm({ image: 1 })
  const pd = host.delegated()
  host.demand(RMI_REALM_PD, realm.rd, pd)
  host.share(1, [realm, LINK])
  const policy = { self: 'me', peers: { me: { rim: realm.rim } }, memories: { own: { rights: { me: 'rw' } } } }
  expect(upload(realm, policy)).toBe('accepted')
  return { host, realm, pd, sgt }
}

/** Every way to make something else of a granule. */
const uses = (host: ScriptedHost, rd: number, granule: number): readonly (() => readonly [number, number])[] => [
  () => host.status(RMI_GRANULE_UNDELEGATE, granule),
  () => host.status(RMI_GRANULE_DELEGATE, granule),
  () => host.status(RMI_DATA_CREATE_UNKNOWN, rd, granule, LINK + PAGE),
  () => host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, rd, granule, LINK + PAGE),
  () => host.status(RMI_RTT_CREATE, rd, granule, 0x40_0000, 3),
  () => host.status(RMI_REALM_PD, rd, granule),
  () => host.status(RMI_SGT, granule),
]

test.each(['pd', 'sgt'] as const)(
  'a granule in use as %s becomes nothing else, and no other world reads or writes it',
  (kind) => {
    const scenery = scene()
    const { host, realm } = scenery
    const granule = scenery[kind]
    const other = host.createRealm({ image: 2 })
    for (const [index, use] of uses(host, other.rd, granule).entries()) {
      expect(withoutEffect(host, use)[0], `use ${index}`).not.toBe(0)
    }
    expect(host.read(granule, 8)).toBeUndefined()
    expect(withoutEffect(host, () => host.write(granule, new Uint8Array(8)))).toBe(false)
    expect(rightsAt(realm, LINK)).toBe('rw')
  },
)

test('a Realm with a policy is given no second one: not by the host, not by itself', () => {
  const { host, realm } = scene()
  const spare = host.delegated()
  expect(withoutEffect(host, () => host.status(RMI_REALM_PD, realm.rd, spare))).toEqual([2, 0])
  expect(upload(realm, { self: 'me', peers: { me: { rim: realm.rim } } })).toBe('not looked at')
})

test('a table of shared granules that holds a record is not taken back', () => {
  const { host, sgt, realm } = scene()
  expect(withoutEffect(host, () => host.status(RMI_SGT_DESTROY, sgt))).toEqual([1, 0])
  expect(put(realm, LINK, SECRET)).toBeUndefined()
})

test('control: a granule that nothing is made of yet can become any of these things', () => {
  const { host } = scene()
  const other = host.createRealm({ image: 2 })
  for (const index of [0, 3, 4, 5, 6]) {
    expect(uses(host, other.rd, host.delegated())[index]!()[0], `use ${index}`).toBe(0)
  }
})
