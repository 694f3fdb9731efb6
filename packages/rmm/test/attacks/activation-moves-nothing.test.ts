import { expect, test } from 'vitest'
import { RMI_DATA_DESTROY_SHARED, RMI_RTT_DESTROY, RMI_RTT_READ_ENTRY } from '../../src/abi/index.ts'
import { joined, LINK, linked, rightsAt, upload, withoutEffect } from './arena.ts'

// An upload gives rights to what is mapped. It maps nothing, and no table is taken away under it.

test('what lies behind a channel after the upload is the granule that lay there when it was validated', () => {
  const { host, left, right, granule, policy } = linked()
  const entries = () => [left, right].map((realm) => host.smc(RMI_RTT_READ_ENTRY, realm.rd, LINK, 3).slice(0, 5))
  const before = entries()
  expect(before.map(([, , , address]) => address)).toEqual([BigInt(granule), BigInt(granule)])
  for (const self of ['left', 'right'] as const) expect(upload({ left, right }[self], policy(self))).toBe('accepted')
  expect(entries()).toEqual(before)
})

test('the table of a channel counts its pages, before the upload as after it: it cannot be destroyed', () => {
  for (const { host, left } of [linked(), joined()]) {
    expect(withoutEffect(host, () => host.status(RMI_RTT_DESTROY, left.rd, LINK, 3))).toEqual([4, 3])
  }
})

test('a mapping taken out between two uploads is not opened by the second', () => {
  const { host, left, right, policy } = linked()
  expect(upload(left, policy('left'))).toBe('accepted')
  host.demand(RMI_DATA_DESTROY_SHARED, right.rd, LINK)
  expect(upload(right, policy('right'))).toBe('memory-not-covered')
  expect(rightsAt(right, LINK)).toBe('-')
})

test('control: a table without pages is destroyed', () => {
  const { host, left, right } = linked()
  for (const { rd } of [left, right]) host.demand(RMI_DATA_DESTROY_SHARED, rd, LINK)
  expect(host.status(RMI_RTT_DESTROY, left.rd, LINK, 3)).toEqual([0, 0])
})
