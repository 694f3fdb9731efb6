import { expect, test } from 'vitest'
import { joined, LINK, LINK_GRANULE, linked, look, put, rightsAt, SECRET, type Sketch, stage, upload } from './arena.ts'

// Every combination of rights is in stage 2 exactly as the policy has it; before the policy there is none.

const COMBINATIONS = ['r', 'w', 'rw', 'rx', 'wx', 'rwx', 'x']

test.each(COMBINATIONS)('a Realm whose policy says %s can do just that, and nothing before its upload', (rights) => {
  const { host, realms } = stage(1)
  const [realm] = realms
  host.share(1, [realm!, LINK])
  expect(rightsAt(realm!, LINK)).toBe('-')
  const policy: Sketch = {
    self: 'me',
    peers: { me: { rim: realm!.rim } },
    memories: { mine: { at: LINK_GRANULE, rights: { me: rights } } },
  }
  expect(upload(realm!, policy)).toBe('accepted')
  expect(rightsAt(realm!, LINK)).toBe(rights)
})

test('a reader cannot write back: the access ends in the Realm, and the channel holds what it held', () => {
  const { left, right } = joined()
  put(left, LINK, SECRET)
  expect(put(right, LINK, 1n)).toBe('SynchronousExternalAbort')
  expect(look(right, LINK)).toBe(SECRET)
})

test('a writer cannot read what it wrote', () => {
  const { left } = joined()
  expect(put(left, LINK, SECRET)).toBeUndefined()
  expect(look(left, LINK)).toBe('SynchronousExternalAbort')
})

test('rights that a Realm gives itself beyond those that its peer grants are refused, never cut', () => {
  const { left, right, policy } = linked()
  expect(upload(left, policy('left'))).toBe('accepted')
  const greedy = { ...policy('right'), memories: { link: { at: LINK_GRANULE, rights: { left: 'w', right: 'rw' } } } }
  expect(upload(right, greedy)).toBe('rights-wider')
  expect(rightsAt(right, LINK)).toBe('-')
})
