import { expect, test } from 'vitest'
import {
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_CREATE_UNKNOWN_SHARED,
  RMI_DATA_DESTROY,
  RMI_RTT_SET_RIPAS,
  RSI_IPA_STATE_GET,
  RSI_IPA_STATE_SET,
} from '../../src/abi/index.ts'
import { PAGE, RAM } from '../scripted-host.ts'
import { joined, LINK, linked, withoutEffect } from './arena.ts'

// A Realm counts on an address as its own memory. The host takes the page away and offers a shared one in its place.

const HOLE = RAM + 8 * PAGE

test('where memory was declared no shared granule is mapped, though the page is gone', () => {
  const { host, left } = linked()
  host.demand(RMI_DATA_DESTROY, left.rd, HOLE)
  const spare = host.delegated()
  const attack = () => host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, left.rd, spare, HOLE)
  expect(withoutEffect(host, attack)).toEqual([4, 3])
})

test('a channel never becomes memory of the Realm: not by its own request, not by the host', () => {
  for (const { host, right } of [linked(), joined()]) {
    expect(right.call(RSI_IPA_STATE_SET, LINK, LINK + PAGE, 1)[0]).not.toBe(0n)
    expect(right.call(RSI_IPA_STATE_GET, LINK, LINK + PAGE).slice(0, 3)).toEqual([0n, BigInt(LINK + PAGE), 0n])
    const set = () => host.status(RMI_RTT_SET_RIPAS, right.rd, right.rec, LINK, LINK + PAGE)
    expect(withoutEffect(host, set)[0]).not.toBe(0)
    const spare = host.delegated()
    const create = () => host.status(RMI_DATA_CREATE_UNKNOWN, right.rd, spare, LINK)
    expect(withoutEffect(host, create)).toEqual([4, 3])
  }
})

test('control: beside it, where nothing is declared, a shared granule is mapped', () => {
  const { host, left } = linked()
  expect(host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, left.rd, host.delegated(), LINK + PAGE)).toEqual([0, 0])
})
