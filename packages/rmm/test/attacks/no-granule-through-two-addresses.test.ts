import { expect, test } from 'vitest'
import { RMI_DATA_CREATE_UNKNOWN, RMI_DATA_CREATE_UNKNOWN_SHARED } from '../../src/abi/index.ts'
import { PAGE } from '../scripted-host.ts'
import { joined, LINK, LINK_GRANULE, linked, rightsAt, type Sketch, stage, upload } from './arena.ts'

// Two addresses of one granule would add up rights that no policy gives together, and join channels that are apart.

const SECOND = LINK_GRANULE + 8

/** A Realm that reads one memory and writes another. */
function relay() {
  const { host, realms } = stage(1)
  const [realm] = realms
  const policy: Sketch = {
    self: 'relay',
    peers: { relay: { rim: realm!.rim } },
    memories: {
      in: { at: LINK_GRANULE, rights: { relay: 'r' } },
      out: { at: SECOND, rights: { relay: 'w' } },
    },
  }
  return { host, realm: realm!, policy }
}

test('one granule behind a memory that may be read and one that may be written is refused', () => {
  const { host, realm, policy } = relay()
  const granule = host.delegated()
  realm.mapShared([granule], LINK)
  realm.mapShared([granule], SECOND * PAGE)
  expect(upload(realm, policy)).toBe('granule-twice')
  expect([rightsAt(realm, LINK), rightsAt(realm, SECOND * PAGE)]).toEqual(['-', '-'])
})

test('one granule twice within one memory is refused', () => {
  const { host, realm, policy } = relay()
  const granule = host.delegated()
  realm.mapShared([granule, granule], LINK)
  host.share(1, [realm, SECOND * PAGE])
  const wide = { at: LINK_GRANULE, granules: 2, rights: { relay: 'r' } }
  expect(upload(realm, { ...policy, memories: { ...policy.memories, in: wide } })).toBe('granule-twice')
})

test('granules of one channel in another order than the other end has them are refused', () => {
  const { host, realms } = stage(2)
  const [left, right] = [realms[0]!, realms[1]!]
  const granules = host.share(2, [left, LINK])
  right.mapShared([...granules].reverse(), LINK)
  const policy = (self: string): Sketch => ({
    self,
    peers: { left: { rim: left.rim }, right: { rim: right.rim } },
    memories: { link: { granules: 2, rights: { left: 'w', right: 'r' } } },
  })
  expect(upload(left, policy('left'))).toBe('accepted')
  expect(upload(right, policy('right'))).toBe('granules-differ')
})

test('the first granules of a channel alone are refused, and those with one more after them', () => {
  for (const granules of [1, 3]) {
    const { host, realms } = stage(2)
    const [left, right] = [realms[0]!, realms[1]!]
    const shared = host.share(2, [left, LINK])
    right.mapShared([...shared, host.delegated()].slice(0, granules), LINK)
    const policy = (self: string, count: number): Sketch => ({
      self,
      peers: { left: { rim: left.rim }, right: { rim: right.rim } },
      memories: { link: { granules: count, rights: { left: 'w', right: 'r' } } },
    })
    expect(upload(left, policy('left', 2))).toBe('accepted')
    expect(upload(right, policy('right', granules)), `${granules} granules`).toBe('granules-differ')
  }
})

test('a granule of a channel becomes nobody’s own memory, and a Realm’s own memory no channel', () => {
  const { host, left, granule } = joined()
  const other = host.createRealm({ image: 9, activate: false })
  expect(host.status(RMI_DATA_CREATE_UNKNOWN, other.rd, granule, 0x18_0000)).toEqual([1, 0])
  expect(host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, other.rd, left.ram[5]!, LINK)).toEqual([1, 0])
})

test('control: two granules at the same two addresses are accepted', () => {
  const { host, realm, policy } = relay()
  host.share(1, [realm, LINK])
  host.share(1, [realm, SECOND * PAGE])
  expect(upload(realm, policy)).toBe('accepted')
  expect([rightsAt(realm, LINK), rightsAt(realm, SECOND * PAGE)]).toEqual(['r', 'w'])
})

test('control: the same order at both ends is accepted', () => {
  const { left, right, policy } = linked()
  expect([upload(left, policy('left')), upload(right, policy('right'))]).toEqual(['accepted', 'accepted'])
})
