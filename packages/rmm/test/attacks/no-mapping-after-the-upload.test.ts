import { expect, test } from 'vitest'
import {
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_CREATE_UNKNOWN_SHARED,
  RMI_DATA_DESTROY_SHARED,
} from '../../src/abi/index.ts'
import { PAGE } from '../scripted-host.ts'
import { joined, LINK, put, rightsAt, SECRET, upload, withoutEffect } from './arena.ts'

// Once a Realm has a policy the host shows it no further granule: not of its own group, not of another, not a fresh one.

test('no shared granule is mapped into a Realm with a policy, wherever and whoever’s it is', () => {
  const ours = joined()
  const { host, right } = ours
  const [foreign] = host.share(1, [host.createRealm({ image: 8, policyGranules: 1 }), LINK])
  for (const granule of [ours.granule, foreign!, host.delegated(), ours.left.ram[4]!]) {
    for (const ipa of [LINK, LINK + PAGE, 0]) {
      const [status] = withoutEffect(host, () => host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, right.rd, granule, ipa))
      expect(status).not.toBe(0)
    }
  }
})

test('where the host has taken a channel out, nothing takes its place', () => {
  const { host, left, right, granule } = joined()
  put(left, LINK, SECRET)
  host.demand(RMI_DATA_DESTROY_SHARED, right.rd, LINK)
  const spare = host.delegated()
  for (const again of [spare, granule]) {
    expect(host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, right.rd, again, LINK)[0]).not.toBe(0)
    expect(host.status(RMI_DATA_CREATE_UNKNOWN, right.rd, again, LINK)[0]).not.toBe(0)
  }
  expect(rightsAt(right, LINK)).toBe('-')
})

test('a Realm that maps a channel without a policy gets no access, and disturbs nobody', () => {
  const { host, left, right, granule } = joined()
  const lurker = host.createRealm({ image: 9, policyGranules: 1 })
  lurker.mapShared([granule], LINK)
  expect(rightsAt(lurker, LINK)).toBe('-')
  expect([rightsAt(left, LINK), rightsAt(right, LINK)]).toEqual(['w', 'r'])
})

test('control: before its policy the same commands map a granule, which then has to be declared', () => {
  const { host } = joined()
  const fresh = host.createRealm({ image: 8, policyGranules: 1 })
  expect(host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, fresh.rd, host.delegated(), LINK)).toEqual([0, 0])
  expect(upload(fresh, { self: 'me', peers: { me: { rim: fresh.rim } } })).toBe('mapping-unlisted')
})
