import { expect, test } from 'vitest'
import { RMI_DATA_DESTROY_SHARED, RSI_HOST_CALL, RSI_MICA_LEAVE, RSI_MICA_REJOIN } from '../../src/abi/index.ts'
import { PAGE, RAM, type ScriptedRealm } from '../scripted-host.ts'
import { joined, LINK, type Linked, look, put, rightsAt, SECRET, upload } from './arena.ts'

// A member is made to leave, with what it knows; another comes in its place, to what it left behind.

/** The host takes the channel out of a Realm: the member has left. */
function expel({ host }: Linked, realm: ScriptedRealm): void {
  host.demand(RMI_DATA_DESTROY_SHARED, realm.rd, LINK)
}

test('a member that leaves of its own accord has no access, and stays as confined as it was', () => {
  const pair = joined()
  put(pair.left, LINK, SECRET)
  expect(pair.right.call(RSI_MICA_LEAVE, 0)[0]).toBe(0n)
  expect(look(pair.right, LINK)).toBe('SynchronousExternalAbort')
  expect(pair.right.call(RSI_HOST_CALL, RAM)[0]).toBe(2n)
  expect(pair.right.mapUnprotected(pair.host.page(), 2 ** 31)).toEqual([1, 0])
  expect(rightsAt(pair.left, LINK)).toBe('w')
})

test('a member that the host has made leave stays confined: its policy blocks as before, and no memory of the host comes back', () => {
  const pair = joined()
  expel(pair, pair.right)
  expect(pair.right.call(RSI_HOST_CALL, RAM)[0]).toBe(2n)
  expect(pair.right.mapUnprotected(pair.host.page(), 2 ** 31)).toEqual([1, 0])
  expect(upload(pair.right, { self: 'me', peers: { me: { rim: pair.right.rim } } })).toBe('not looked at')
})

test('what was in the channel is zeroed before a successor has access', () => {
  const pair = joined()
  put(pair.left, LINK, SECRET)
  expect(look(pair.right, LINK)).toBe(SECRET)
  expel(pair, pair.right)
  const successor = pair.host.createRealm({ image: 1, policyGranules: 1 })
  successor.mapShared([pair.granule], LINK)
  expect(upload(successor, pair.policy('right'))).toBe('accepted')
  expect(look(successor, LINK)).toBe(0n)
  expect(rightsAt(pair.left, LINK)).toBe('w')
})

test('nor does a new group on the same granules find what the old one left, when all have gone', () => {
  const pair = joined()
  put(pair.left, LINK, SECRET)
  const lurker = pair.host.createRealm({ image: 9, policyGranules: 1 })
  lurker.mapShared([pair.granule], LINK)
  for (const realm of [pair.left, pair.right]) expel(pair, realm)
  const policy = { self: 'me', peers: { me: { rim: lurker.rim } }, memories: { mine: { rights: { me: 'r' } } } }
  expect(upload(lurker, policy)).toBe('accepted')
  expect(look(lurker, LINK)).toBe(0n)
})

test('nor does a newcomer whose memory is put together of granules that nobody used and granules that were left', () => {
  const pair = joined()
  put(pair.left, LINK, SECRET)
  const lurker = pair.host.createRealm({ image: 9, policyGranules: 1 })
  const unused = pair.host.delegated()
  lurker.mapShared([unused, pair.granule], LINK)
  for (const realm of [pair.left, pair.right]) expel(pair, realm)
  const memories = { mine: { granules: 2, rights: { me: 'r' } } }
  expect(upload(lurker, { self: 'me', peers: { me: { rim: lurker.rim } }, memories })).toBe('accepted')
  expect([look(lurker, LINK), look(lurker, LINK + PAGE)]).toEqual([0n, 0n])
})

test('a member that returns finds nothing that others have written since and left', () => {
  const pair = joined()
  expect(pair.right.call(RSI_MICA_LEAVE, 0)[0]).toBe(0n)
  put(pair.left, LINK, SECRET)
  expect(pair.left.call(RSI_MICA_LEAVE, 0)[0]).toBe(0n)
  expect(pair.right.call(RSI_MICA_REJOIN, 0)[0]).toBe(0n)
  expect(look(pair.right, LINK)).toBe(0n)
})

test('while a member is inside, a second for its place is refused: there is no moment with two', () => {
  const pair = joined()
  const successor = pair.host.createRealm({ image: 1, policyGranules: 1 })
  successor.mapShared([pair.granule], LINK)
  expect(upload(successor, pair.policy('right'))).toBe('mapping-held')
  expel(pair, pair.right)
  expect(upload(successor, pair.policy('right'))).toBe('accepted')
  expect([rightsAt(pair.right, LINK), rightsAt(successor, LINK)]).toEqual(['-', 'r'])
})
