import { expect, test } from 'vitest'
import { RMI_DATA_DESTROY_SHARED, RMI_REALM_DESTROY, RMI_REC_DESTROY } from '../../src/abi/index.ts'
import { RAM } from '../scripted-host.ts'
import { joined, LINK, rightsAt, upload, withoutEffect } from './arena.ts'

// The host tries to make the monitor forget a member that is still there, so that another can come in its place.

test('a Realm that has tables, RECs or mappings is not destroyed, and keeps its place among the members', () => {
  const { host, granule, right, policy } = joined()
  expect(withoutEffect(host, () => host.status(RMI_REALM_DESTROY, right.rd))).toEqual([2, 0])
  const replica = host.createRealm({ image: 1, policyGranules: 1 })
  replica.mapShared([granule], LINK)
  expect(upload(replica, policy('right'))).toBe('mapping-held')
  expect(rightsAt(right, LINK)).toBe('r')
})

test('nor is it destroyed, or one of its RECs, by another PE while it runs', () => {
  const { host, right } = joined()
  const answers: unknown[] = []
  right.perform(function* (cpu) {
    yield* cpu.store64(RAM, 1n)
    answers.push(host.status(RMI_REALM_DESTROY, right.rd), host.status(RMI_REC_DESTROY, right.rec))
    yield* cpu.store64(RAM, 2n)
  })
  expect(answers).toEqual([
    [2, 0],
    [3, 0],
  ])
  expect(rightsAt(right, LINK)).toBe('r')
})

test('control: a member whose mapping the host has taken out leaves its place to a replica', () => {
  const { host, granule, right, policy } = joined()
  host.demand(RMI_DATA_DESTROY_SHARED, right.rd, LINK)
  const replica = host.createRealm({ image: 1, policyGranules: 1 })
  replica.mapShared([granule], LINK)
  expect(upload(replica, policy('right'))).toBe('accepted')
  expect([rightsAt(right, LINK), rightsAt(replica, LINK)]).toEqual(['-', 'r'])
})
