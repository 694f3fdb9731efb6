import { expect, test } from 'vitest'
import { LINK, LINK_GRANULE, linked, rightsAt, type Sketch, upload } from './arena.ts'

// What one member says of another holds for all of that one's policy, not only for what the two share.

/** The right peer with a page towards the host that left does not know of. */
function withHostPage(policy: Sketch): Sketch {
  const nic = { at: 0x10, unprotected: true, rights: { right: 'rw' } }
  const peers = { ...policy.peers, right: { ...policy.peers['right']!, gateway: true } }
  return { ...policy, peers, memories: { ...policy.memories, nic } }
}

test('a peer that left calls no gateway may have no memory of the host, though it shares that with nobody', () => {
  const { left, right, policy } = linked()
  expect(upload(left, policy('left'))).toBe('accepted')
  expect(upload(right, withHostPage(policy('right')))).toBe('peer-not-gateway')
  expect(rightsAt(right, LINK)).toBe('-')
})

test('nor does it help to be there first: then left stays out', () => {
  const { left, right, policy } = linked()
  expect(upload(right, withHostPage(policy('right')))).toBe('accepted')
  expect(upload(left, policy('left'))).toBe('peer-not-gateway')
  expect(rightsAt(left, LINK)).toBe('-')
})

test('a peer that is held strict may list no transition that left does not', () => {
  const { left, right, policy } = linked()
  expect(upload(left, policy('left'))).toBe('accepted')
  const hostCall = { peer: 1, class: 'call', action: 'allow', ranges: [[0xc400_0199, 0xc400_0199]] } as const
  expect(upload(right, { ...policy('right'), transitions: [hostCall] })).toBe('strict-transition-wider')
})

test('a peer may not ask for another size, kind, name or place than left gives the channel', () => {
  const twists: readonly (readonly [Sketch['memories'], string])[] = [
    [{ other: { at: LINK_GRANULE, rights: { left: 'w', right: 'r' } } }, 'name-differs'],
    [{ link: { at: LINK_GRANULE, rights: { left: 'r', right: 'r' } } }, 'rights-wider'],
  ]
  for (const [memories, rule] of twists) {
    const { left, right, policy } = linked()
    expect(upload(left, policy('left'))).toBe('accepted')
    expect(upload(right, { ...policy('right'), memories: memories! })).toBe(rule)
    expect(rightsAt(right, LINK)).toBe('-')
  }
})

test('control: a left that calls it a gateway and lists the page lets it in', () => {
  const { left, right, policy } = linked()
  expect(upload(left, withHostPage(policy('left')))).toBe('accepted')
  expect(upload(right, withHostPage(policy('right')))).toBe('accepted')
})
