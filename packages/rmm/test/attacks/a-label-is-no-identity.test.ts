import { labelOfRim } from '@mica/policy'
import { expect, test } from 'vitest'
import { labelled } from '../mica/labelled.ts'
import { LINK, linked, look, put, rightsAt, SECRET, upload } from './arena.ts'

// A policy of the prototype knows components by numbers of 32 bits. Here they are read, and are nobody's identity: what a
// Realm calls itself, or is called, neither opens a place that names a measurement nor one that somebody has.

/** The policy of one end, both of which may read and write, with a label of the attacker's choice for right. */
const equal = (self: 'left' | 'right', label = 2): Uint8Array =>
  labelled(self, ({ peers, memories }) => {
    peers.splice(1, 1, { ...peers[1]!, label })
    const mappings = memories[0]!.mappings.map((own) => ({ ...own, rights: 3 }))
    memories.splice(0, 1, { ...memories[0]!, mappings })
  })

/** The policy of right with a label of the attacker's choice. */
const calling = (label: number): Uint8Array =>
  labelled('right', ({ peers }) => void peers.splice(1, 1, { ...peers[1]!, label }))

test('a label that is the beginning of a member’s measurement opens no place that names the measurement', () => {
  const pair = linked()
  expect(upload(pair.left, pair.policy('left'))).toBe('accepted')
  const impostor = pair.host.createRealm({ image: 9, policyGranules: 1 })
  impostor.mapShared([pair.granule], LINK)
  for (const label of [labelOfRim(pair.right.rim), labelOfRim(impostor.rim), 2]) {
    expect(upload(impostor, calling(label))).toBe('peer-not-admitted')
  }
  expect(rightsAt(impostor, LINK)).toBe('-')
})

test('a copy of a member’s own v1 policy opens no place that the member has', () => {
  const pair = linked()
  for (const side of ['left', 'right'] as const) expect(upload(pair[side], equal(side))).toBe('accepted')
  const impostor = pair.host.createRealm({ image: 9, policyGranules: 1 })
  impostor.mapShared([pair.granule], LINK)
  for (const label of [2, 3, labelOfRim(pair.right.rim)]) {
    expect(upload(impostor, equal('right', label))).toBe('mapping-held')
  }
  expect(rightsAt(impostor, LINK)).toBe('-')
  expect(put(pair.left, LINK, SECRET)).toBeUndefined()
  expect(look(pair.right, LINK)).toBe(SECRET)
})

test('whoever comes first into a place without a measurement has it, and nobody who names measurements joins it', () => {
  const pair = linked()
  const impostor = pair.host.createRealm({ image: 9, policyGranules: 1 })
  impostor.mapShared([pair.granule], LINK)
  expect(upload(impostor, calling(labelOfRim(pair.right.rim)))).toBe('accepted')
  expect(upload(pair.left, pair.policy('left'))).toBe('peer-not-admitted')
  expect(put(pair.left, LINK, SECRET)).toBe('SynchronousExternalAbort')
  expect(look(impostor, LINK)).toBe(0n)
})

test('control: the Realm that the measurement is of gets in, whatever its label', () => {
  for (const label of [2, 3, 0xffff_ffff]) {
    const pair = linked()
    expect(upload(pair.left, pair.policy('left'))).toBe('accepted')
    expect(upload(pair.right, calling(label))).toBe('accepted')
    expect(put(pair.left, LINK, SECRET)).toBeUndefined()
    expect(look(pair.right, LINK)).toBe(SECRET)
  }
})
