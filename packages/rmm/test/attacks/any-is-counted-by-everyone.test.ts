import { expect, test } from 'vitest'
import { RSI_MICA_LEAVE } from '../../src/abi/index.ts'
import type { ScriptedRealm } from '../scripted-host.ts'
import { joined, LINK, LINK_GRANULE, rightsAt, type Sketch, stage, upload } from './arena.ts'

// `any` in one policy opens nothing that another closes, and one seat is one seat however often it is asked for.

/** A provider that lets any one component in, or as many as it has seats, and clients that ask for nothing else. */
function service(clients: number, anyCount = 1) {
  const { host, realms } = stage(clients + 1)
  const [provider, ...guests] = realms
  host.share(1, ...realms.map((realm) => [realm, LINK] as const))
  const own: Sketch = {
    self: 'provider',
    peers: { provider: { rim: provider!.rim } },
    memories: { desk: { at: LINK_GRANULE, rights: { provider: 'rw', any: 'rw' }, anyCount } },
  }
  const client = (realm: ScriptedRealm): Sketch => ({
    self: 'client',
    peers: { client: { rim: realm.rim }, provider: { rim: provider!.rim } },
    memories: { desk: { at: LINK_GRANULE, rights: { client: 'rw', provider: 'rw', any: 'rw' } } },
  })
  return { provider: provider!, guests, own, client }
}

test('a provider of one seat takes one client, and no second one after it', () => {
  const { provider, guests, own, client } = service(2)
  expect(upload(provider, own)).toBe('accepted')
  expect(guests.map((guest) => upload(guest, client(guest)))).toEqual(['accepted', 'any-over-count'])
  expect(guests.map((guest) => rightsAt(guest, LINK))).toEqual(['rw', '-'])
})

test('a provider of two seats takes two clients and no third, until one of them has left', () => {
  const { provider, guests, own, client } = service(3, 2)
  const third = guests[2]!
  expect(upload(provider, own)).toBe('accepted')
  expect(guests.map((guest) => upload(guest, client(guest)))).toEqual(['accepted', 'accepted', 'any-over-count'])
  expect(guests.map((guest) => rightsAt(guest, LINK))).toEqual(['rw', 'rw', '-'])
  expect(guests[0]!.call(RSI_MICA_LEAVE, 0)[0]).toBe(0n)
  expect(upload(third, client(third))).toBe('accepted')
  expect(guests.map((guest) => rightsAt(guest, LINK))).toEqual(['-', 'rw', 'rw'])
})

test('nor does it come to where two strangers share already', () => {
  const { provider, guests, own, client } = service(2)
  expect(guests.map((guest) => upload(guest, client(guest)))).toEqual(['accepted', 'accepted'])
  expect(upload(provider, own)).toBe('any-over-count')
  expect(rightsAt(provider, LINK)).toBe('-')
})

test('a third Realm that lists `any` for itself is not let into a channel of two', () => {
  const { host, granule } = joined()
  const third = host.createRealm({ image: 9, policyGranules: 1 })
  third.mapShared([granule], LINK)
  const policy: Sketch = {
    self: 'third',
    peers: { third: { rim: third.rim } },
    memories: { link: { at: LINK_GRANULE, rights: { third: 'r', any: 'rw' } } },
  }
  expect(upload(third, policy)).toBe('peer-not-admitted')
  expect(rightsAt(third, LINK)).toBe('-')
})
