import { expect, test } from 'vitest'
import type { MemorySketch } from '../../lab/policy-sketch.ts'
import { RMI_DATA_DESTROY_SHARED } from '../../src/abi/index.ts'
import { PAGE } from '../scripted-host.ts'
import { LINK, LINK_GRANULE, type Linked, linked, rightsAt, type Sketch, upload } from './arena.ts'

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

test('a peer may not ask for another size, kind, name or place than left gives the channel, nor for more rights', () => {
  const ELSEWHERE = LINK_GRANULE + 8
  const rights = { left: 'w', right: 'r' }
  const twists: readonly (readonly [
    memory: string,
    sketch: MemorySketch,
    rule: string,
    host?: (pair: Linked) => void,
  ])[] = [
    ['other', { at: LINK_GRANULE, rights }, 'name-differs'],
    ['link', { at: LINK_GRANULE, rights: { left: 'r', right: 'r' } }, 'rights-wider'],
    ['link', { at: LINK_GRANULE, rights: { left: 'w', right: 'rw' } }, 'rights-wider'],
    ['link', { at: LINK_GRANULE, rights, paced: true }, 'pacing-differs'],
    ['link', { at: 0x10, unprotected: true, rights: { right: 'r' } }, 'mapping-unlisted'],
    [
      'link',
      { at: LINK_GRANULE, granules: 2, rights },
      'granules-differ',
      ({ host, right }) => void host.share(1, [right, LINK + PAGE]),
    ],
    [
      'link',
      { at: ELSEWHERE, rights },
      'address-differs',
      ({ host, right, granule }) => {
        host.demand(RMI_DATA_DESTROY_SHARED, right.rd, LINK)
        right.mapShared([granule], ELSEWHERE * PAGE)
      },
    ],
  ]
  for (const [memory, sketch, rule, prepare] of twists) {
    const pair = linked()
    const { left, right, policy } = pair
    expect(upload(left, policy('left'))).toBe('accepted')
    prepare?.(pair)
    const { self, peers } = policy('right')
    const own = { ...peers, right: { ...peers['right']!, gateway: sketch.unprotected === true } }
    expect(upload(right, { self, peers: own, memories: { [memory]: sketch } }), rule).toBe(rule)
    for (const ipa of [LINK, ELSEWHERE * PAGE]) expect(rightsAt(right, ipa)).toBe('-')
  }
})

test('control: a left that calls it a gateway and lists the page lets it in', () => {
  const { left, right, policy } = linked()
  expect(upload(left, withHostPage(policy('left')))).toBe('accepted')
  expect(upload(right, withHostPage(policy('right')))).toBe('accepted')
})
