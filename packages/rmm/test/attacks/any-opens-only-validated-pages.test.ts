import { expect, test } from 'vitest'
import { PAGE } from '../scripted-host.ts'
import { joined, LINK, LINK_GRANULE, look, put, rightsAt, SECRET, type Sketch, upload } from './arena.ts'

// A spy lists `any` at a second address, and the host puts there what belongs to another group.

const ELSEWHERE = LINK_GRANULE + 8

/** A group with data in its channel, and a spy with memory of its own that `any` may share, listed at another address. */
function scene() {
  const group = joined()
  put(group.left, LINK, SECRET)
  const spy = group.host.createRealm({ image: 9, policyGranules: 1 })
  group.host.share(1, [spy, LINK])
  const policy: Sketch = {
    self: 'spy',
    peers: { spy: { rim: spy.rim } },
    memories: { own: { at: LINK_GRANULE, rights: { spy: 'rw' } } },
  }
  return { ...group, spy, policy }
}

test('pages at the address that a policy gives `any` are not the Realm’s own: mapped there, they are unlisted', () => {
  const { spy, granule, policy } = scene()
  spy.mapShared([granule], ELSEWHERE * PAGE)
  const own = policy.memories!['own']!
  const both = { ...policy, memories: { own: { rights: { ...own.rights, any: 'rw' }, anyCount: 1 } } }
  expect(upload(spy, both)).toBe('mapping-unlisted')
  expect(look(spy, ELSEWHERE * PAGE)).toBe('SynchronousExternalAbort')
})

test('nor does a second memory of `any` alone open them', () => {
  const { spy, granule, policy } = scene()
  spy.mapShared([granule], ELSEWHERE * PAGE)
  const alone = { at: ELSEWHERE, rights: { any: 'rw' } }
  expect(upload(spy, { ...policy, memories: { ...policy.memories, alone } })).toBe('mapping-unlisted')
  expect(look(spy, ELSEWHERE * PAGE)).toBe('SynchronousExternalAbort')
})

test('nor does claiming them: those who hold them do not know the spy', () => {
  const { spy, granule, policy } = scene()
  spy.mapShared([granule], ELSEWHERE * PAGE)
  const claimed = { rights: { spy: 'rw', any: 'rw' } }
  expect(upload(spy, { ...policy, memories: { ...policy.memories, claimed } })).toBe('peer-not-admitted')
  expect(look(spy, ELSEWHERE * PAGE)).toBe('SynchronousExternalAbort')
})

test('control: without the foreign page the same policy is accepted, and its memory usable', () => {
  const { spy, policy } = scene()
  expect(upload(spy, policy)).toBe('accepted')
  expect(rightsAt(spy, LINK)).toBe('rw')
})
