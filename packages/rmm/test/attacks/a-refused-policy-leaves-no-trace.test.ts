import { encodeBlob } from '@mica/policy'
import { expect, test } from 'vitest'
import { RSI_UPLOAD_POLICY } from '../../src/abi/index.ts'
import { RAM } from '../scripted-host.ts'
import {
  LINK,
  linked,
  look,
  policyOf,
  put,
  REFUSAL,
  rightsAt,
  SECRET,
  type Sketch,
  upload,
  withoutEffect,
} from './arena.ts'

// Half of a policy is applied, or a rejected one is remembered: neither happens. A Realm has a few tries, then none.

/** A policy of right that everything is right about but what left would say. */
const greedy = (policy: Sketch): Sketch => {
  return { ...policy, memories: { link: { ...policy.memories!['link']!, rights: { left: 'w', right: 'rw' } } } }
}

test('a policy that fails in the last check leaves the machine as it was, but for the count of refusals', () => {
  const { host, left, right, policy } = linked()
  expect(upload(left, policy('left'))).toBe('accepted')
  const blob = encodeBlob(policyOf(greedy(policy('right'))))
  right.perform((cpu) => cpu.store(RAM, blob))
  const answer = withoutEffect(host, () => right.call(RSI_UPLOAD_POLICY, RAM, blob.length), REFUSAL)
  expect(answer[0]).toBe(1n)
})

test('a peer that comes later does not meet a policy that was refused', () => {
  const { left, right, policy } = linked()
  expect(upload(left, { ...policy('left'), self: 'right' })).toBe('self-rim-differs')
  expect(upload(right, greedy(policy('right')))).toBe('accepted')
  expect(upload(left, policy('left'))).toBe('rights-wider')
  expect(rightsAt(left, LINK)).toBe('-')
})

test('a Realm that was refused once gets in with the right policy, and its measurement is that of this one alone', () => {
  const twice = linked()
  expect(upload(twice.left, { ...twice.policy('left'), self: 'right' })).toBe('self-rim-differs')
  expect(upload(twice.left, twice.policy('left'))).toBe('accepted')
  const once = linked()
  expect(upload(once.left, once.policy('left'))).toBe('accepted')
  expect(twice.left.realm.rems).toEqual(once.left.realm.rems)
  put(twice.left, LINK, SECRET)
  expect(upload(twice.right, twice.policy('right'))).toBe('accepted')
  expect(look(twice.right, LINK)).toBe(SECRET)
})

test('after eight refusals no policy is looked at any more, not even the right one', () => {
  const { left, policy } = linked()
  for (let i = 0; i < 8; i++) expect(upload(left, { ...policy('left'), self: 'right' })).toBe('self-rim-differs')
  expect(upload(left, policy('left'))).toBe('not looked at')
  expect(rightsAt(left, LINK)).toBe('-')
})

test('control: after seven the right one is', () => {
  const { left, policy } = linked()
  for (let i = 0; i < 7; i++) expect(upload(left, { ...policy('left'), self: 'right' })).toBe('self-rim-differs')
  expect(upload(left, policy('left'))).toBe('accepted')
})
