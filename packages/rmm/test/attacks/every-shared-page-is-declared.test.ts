import { expect, test } from 'vitest'
import { PAGE } from '../scripted-host.ts'
import { LINK, LINK_GRANULE, linked, rightsAt, upload } from './arena.ts'

// One page more or less than the policy says, anywhere in the Realm, and the upload is refused.

test('a shared page that no memory of the policy is for is refused, wherever the host puts it', () => {
  for (const granule of [0, LINK_GRANULE - 1, LINK_GRANULE + 1, 0x3ff]) {
    const { host, left, policy } = linked()
    host.share(1, [left, granule * PAGE])
    expect(upload(left, policy('left')), `granule ${granule}`).toBe('mapping-unlisted')
    expect(rightsAt(left, granule * PAGE)).toBe('-')
  }
})

test('a memory of which a page is missing is refused, the first, the last or one between', () => {
  for (const missing of [0, 1, 2]) {
    const { host, left, policy } = linked()
    const base = LINK_GRANULE + 8
    for (const page of [0, 1, 2].filter((page) => page !== missing)) host.share(1, [left, (base + page) * PAGE])
    const { memories, ...rest } = policy('left')
    const wide = { at: base, granules: 3, rights: { left: 'rw' } }
    expect(upload(left, { ...rest, memories: { ...memories, wide } }), `page ${missing}`).toBe('memory-not-covered')
  }
})

test('a memory that lies outside the protected half of the Realm is refused, though nothing can be mapped there', () => {
  for (const granule of [0x7_ffff, 0x8_0000, 0x10_0000]) {
    const { left, policy } = linked()
    const { memories, ...rest } = policy('left')
    const far = { at: granule, granules: 2, rights: { left: 'rw' } }
    expect(upload(left, { ...rest, memories: { ...memories, far } }), `granule ${granule}`).toBe('memory-outside-realm')
  }
})

test('a memory without an address is refused when there is no shared page left for it, and none at all', () => {
  const { host, left, policy } = linked()
  const { memories, ...rest } = policy('left')
  const anywhere = { rights: { left: 'rw' } }
  expect(upload(left, { ...rest, memories: { ...memories, anywhere } })).toBe('memory-not-covered')
  const alone = host.createRealm({ image: 9, policyGranules: 1 })
  const own = { self: 'left', peers: { left: { rim: alone.rim } }, memories: { anywhere } }
  expect(upload(alone, own)).toBe('memory-not-covered')
})

test('memories with an address get the pages there, and those without the others, whichever the policy lists first', () => {
  const { host, left, policy } = linked()
  const base = LINK_GRANULE + 8
  host.share(1, [left, base * PAGE])
  const { memories, ...rest } = policy('left')
  const anywhere = { rights: { left: 'rwx' } }
  expect(upload(left, { ...rest, memories: { anywhere, ...memories } })).toBe('accepted')
  expect([rightsAt(left, LINK), rightsAt(left, base * PAGE)]).toEqual(['w', 'rwx'])
})

test('control: with just its pages the same policy is accepted', () => {
  const { host, left, policy } = linked()
  const base = LINK_GRANULE + 8
  host.share(3, [left, base * PAGE])
  const { memories, ...rest } = policy('left')
  const wide = { at: base, granules: 3, rights: { left: 'rw' } }
  expect(upload(left, { ...rest, memories: { ...memories, wide } })).toBe('accepted')
  expect([rightsAt(left, LINK), rightsAt(left, (base + 2) * PAGE)]).toEqual(['w', 'rw'])
})
