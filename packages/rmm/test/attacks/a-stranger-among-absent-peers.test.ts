import { expect, test } from 'vitest'
import { joined, LINK, LINK_GRANULE, look, put, rightsAt, SECRET, type Sketch, stage, upload } from './arena.ts'

// A stranger maps an occupied channel and names peers that are not there, so that there is nobody to disagree with it.

const ABSENT = new Uint8Array(32).fill(0xee)

/** A policy that is well-formed, true of the stranger, and about nobody who is there. */
const loner = (rim: Uint8Array, rights: Readonly<Record<string, string>>): Sketch => ({
  self: 'stranger',
  peers: { stranger: { rim, strict: false }, friend: { rim: ABSENT, strict: false } },
  memories: { link: { at: LINK_GRANULE, rights } },
})

test.each([
  ['the absent friend', { stranger: 'r', friend: 'w' }],
  ['itself alone', { stranger: 'r' }],
])('a stranger that names %s is refused where others are already', (_, rights) => {
  const { host, left, right, granule } = joined()
  put(left, LINK, SECRET)
  const stranger = host.createRealm({ image: 9, policyGranules: 1 })
  stranger.mapShared([granule], LINK)
  expect(upload(stranger, loner(stranger.rim, rights))).toBe('peer-not-admitted')
  expect(look(stranger, LINK)).toBe('SynchronousExternalAbort')
  expect([rightsAt(left, LINK), rightsAt(right, LINK)]).toEqual(['w', 'r'])
})

test('a stranger that takes a part of a channel, or the channel and more, is refused', () => {
  const { host, realms } = stage(3)
  const [left, right, stranger] = [realms[0]!, realms[1]!, realms[2]!]
  const granules = host.share(2, [left, LINK], [right, LINK])
  const policy = (self: string): Sketch => ({
    self,
    peers: { left: { rim: left.rim }, right: { rim: right.rim } },
    memories: { link: { granules: 2, rights: { left: 'w', right: 'r' } } },
  })
  expect([upload(left, policy('left')), upload(right, policy('right'))]).toEqual(['accepted', 'accepted'])
  stranger.mapShared([granules[1]!], LINK)
  expect(upload(stranger, loner(stranger.rim, { stranger: 'r', any: 'rw' }))).toBe('granules-differ')
  expect(look(stranger, LINK)).toBe('SynchronousExternalAbort')
})

test('control: on granules of its own the same policy is accepted', () => {
  const { host, realms } = stage(1)
  host.share(1, [realms[0]!, LINK])
  expect(upload(realms[0]!, loner(realms[0]!.rim, { stranger: 'r', friend: 'w' }))).toBe('accepted')
  expect(rightsAt(realms[0]!, LINK)).toBe('r')
})
