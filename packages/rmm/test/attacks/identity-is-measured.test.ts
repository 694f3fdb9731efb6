import { expect, test } from 'vitest'
import { joined, LINK, linked, look, put, rightsAt, SECRET, upload } from './arena.ts'

// A name, and whatever else a Realm says of itself, gets it nowhere: its measurement has to be the one that others name.

test('a Realm of another image that uploads a member’s policy is refused, whether it comes after the member or before', () => {
  for (const pair of [joined(), linked()]) {
    const impostor = pair.host.createRealm({ image: 9, policyGranules: 1 })
    impostor.mapShared([pair.granule], LINK)
    expect(upload(impostor, pair.policy('right'))).toBe('self-rim-differs')
    expect(rightsAt(impostor, LINK)).toBe('-')
  }
})

test('a Realm that calls itself by a member’s name is no peer of those who know the member', () => {
  const pair = joined()
  const impostor = pair.host.createRealm({ image: 9, policyGranules: 1 })
  impostor.mapShared([pair.granule], LINK)
  const policy = pair.policy('right')
  const peers = { left: { rim: pair.left.rim, strict: false }, right: { rim: impostor.rim } }
  expect(upload(impostor, { ...policy, peers })).toBe('peer-not-admitted')
  expect(rightsAt(impostor, LINK)).toBe('-')
})

test('an impostor that comes first keeps the member out, and gets none of its data: nobody joins it', () => {
  const { host, left, right, granule, policy } = linked()
  const impostor = host.createRealm({ image: 9, policyGranules: 1 })
  impostor.mapShared([granule], LINK)
  const own = policy('right')
  expect(upload(impostor, { ...own, peers: { ...own.peers, right: { rim: impostor.rim } } })).toBe('accepted')
  expect(upload(left, policy('left'))).toBe('peer-not-admitted')
  expect(put(left, LINK, SECRET)).toBe('SynchronousExternalAbort')
  expect(look(impostor, LINK)).toBe(0n)
  expect(rightsAt(right, LINK)).toBe('-')
})

test('control: the image that the policy names gets in with the very same blob', () => {
  const { left, right } = joined()
  expect(put(left, LINK, SECRET)).toBeUndefined()
  expect(look(right, LINK)).toBe(SECRET)
})
