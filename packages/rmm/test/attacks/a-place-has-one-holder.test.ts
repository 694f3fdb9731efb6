import { expect, test } from 'vitest'
import { joined, LINK, rightsAt, stage, upload } from './arena.ts'

// Two Realms of one image fit the same place of a policy. Only one of them gets it.

test('a replica of a member that maps the same channel and uploads the same policy finds the place held', () => {
  const { host, granule, right, policy } = joined()
  const replica = host.createRealm({ image: 1, policyGranules: 1 })
  expect(replica.rim).toEqual(right.rim)
  replica.mapShared([granule], LINK)
  expect(upload(replica, policy('right'))).toBe('mapping-held')
  expect(rightsAt(replica, LINK)).toBe('-')
  expect(rightsAt(right, LINK)).toBe('r')
})

test('of replicas that race for a place the first to upload has it, and the second never gets the data', () => {
  const { host, realms } = stage(1)
  const [writer] = realms
  const replicas = [1, 2].map(() => host.createRealm({ image: 7, policyGranules: 1 }))
  host.share(1, ...[writer!, ...replicas].map((realm) => [realm, LINK] as const))
  const policy = (self: string) => ({
    self,
    peers: { writer: { rim: writer!.rim }, reader: { rim: replicas[0]!.rim } },
    memories: { link: { rights: { writer: 'w', reader: 'r' } } },
  })
  expect(replicas.map((replica) => upload(replica, policy('reader')))).toEqual(['accepted', 'mapping-held'])
  expect(upload(writer!, policy('writer'))).toBe('accepted')
  expect(replicas.map((replica) => rightsAt(replica, LINK))).toEqual(['r', '-'])
})

test('control: a replica has a place of its own on granules of its own', () => {
  const { host, left, right, policy } = joined()
  const [others, replica] = [0, 1].map((image) => host.createRealm({ image, policyGranules: 1 }))
  expect([others!.rim, replica!.rim]).toEqual([left.rim, right.rim])
  host.share(1, [others!, LINK], [replica!, LINK])
  expect([upload(others!, policy('left')), upload(replica!, policy('right'))]).toEqual(['accepted', 'accepted'])
  expect(rightsAt(replica!, LINK)).toBe('r')
})
