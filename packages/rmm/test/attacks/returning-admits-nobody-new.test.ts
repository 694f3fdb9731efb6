import { expect, test } from 'vitest'
import { RMI_DATA_DESTROY_SHARED, RSI_MICA_LEAVE, RSI_MICA_REJOIN } from '../../src/abi/index.ts'
import { PAGE, type ScriptedRealm } from '../scripted-host.ts'
import {
  joined,
  LINK,
  LINK_GRANULE,
  type Linked,
  look,
  put,
  rightsAt,
  ruleName,
  SECRET,
  type Sketch,
  stage,
  upload,
} from './arena.ts'

// A member leaves, and comes back when another is in its place, or when the channel is another one.

/** What an attempt to return comes to. */
function rejoin(realm: ScriptedRealm): string {
  const [status, reason] = realm.call(RSI_MICA_REJOIN, 0)
  if (status === 0n) return 'returned'
  return status === 2n ? 'not looked at' : ruleName(Number(reason))
}

/** Right has left of its own accord, and a replica has come in its place. */
function succeeded(): Linked & { readonly successor: ScriptedRealm } {
  const pair = joined()
  expect(pair.right.call(RSI_MICA_LEAVE, 0)[0]).toBe(0n)
  const successor = pair.host.createRealm({ image: 1, policyGranules: 1 })
  successor.mapShared([pair.granule], LINK)
  expect(upload(successor, pair.policy('right'))).toBe('accepted')
  return { ...pair, successor }
}

test('a member does not come back to a place that another has taken, and reads nothing of what that one gets', () => {
  const { left, right, successor } = succeeded()
  put(left, LINK, SECRET)
  expect(rejoin(right)).toBe('mapping-held')
  expect(look(right, LINK)).toBe('SynchronousExternalAbort')
  expect(look(successor, LINK)).toBe(SECRET)
})

test('when the successor has gone it may, and finds nothing of what that one had', () => {
  const { left, right, successor } = succeeded()
  put(left, LINK, SECRET)
  expect(successor.call(RSI_MICA_LEAVE, 0)[0]).toBe(0n)
  expect(rejoin(right)).toBe('returned')
  expect(look(right, LINK)).toBe(0n)
})

test('a member of whose channel the host has taken a page cannot return to it', () => {
  const { host, right } = joined()
  expect(right.call(RSI_MICA_LEAVE, 0)[0]).toBe(0n)
  host.demand(RMI_DATA_DESTROY_SHARED, right.rd, LINK)
  expect(rejoin(right)).toBe('memory-not-covered')
  expect(rightsAt(right, LINK)).toBe('-')
})

test('a Realm that never was a member does not return to anything', () => {
  const { host, granule } = joined()
  const lurker = host.createRealm({ image: 9, policyGranules: 1 })
  lurker.mapShared([granule], LINK)
  expect(rejoin(lurker)).toBe('not looked at')
  expect(rightsAt(lurker, LINK)).toBe('-')
})

test('control: a member whose place is free comes back, to what it left', () => {
  const { left, right } = joined()
  put(left, LINK, SECRET)
  expect(right.call(RSI_MICA_LEAVE, 0)[0]).toBe(0n)
  expect(rejoin(right)).toBe('returned')
  expect(look(right, LINK)).toBe(SECRET)
})

test('control: to return to one of two memories counts as having both, in which its strict peer names it by no measurement', () => {
  const { host, realms } = stage(2)
  const [first, second] = [realms[0]!, realms[1]!]
  const places = [LINK_GRANULE, LINK_GRANULE + 1]
  for (const place of places) host.share(1, [first, place * PAGE], [second, place * PAGE])
  const policy = (self: string, rim?: Uint8Array): Sketch => ({
    self,
    peers: { first: rim === undefined ? {} : { rim }, second: { rim: second.rim } },
    memories: {
      one: { at: places[0]!, rights: { first: 'rw', second: 'rw' } },
      two: { at: places[1]!, rights: { first: 'rw', second: 'rw' } },
    },
  })
  expect(upload(first, policy('first', first.rim))).toBe('accepted')
  expect(upload(second, policy('second'))).toBe('accepted')
  expect(first.call(RSI_MICA_LEAVE, 1)[0]).toBe(0n)
  expect(first.call(RSI_MICA_REJOIN, 1)[0]).toBe(0n)
  expect(rightsAt(first, places[1]! * PAGE)).toBe('rw')
})
