import { expect, test } from 'vitest'
import {
  RMI_DATA_CREATE,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_CREATE_UNKNOWN_SHARED,
  RMI_DATA_DESTROY,
  RMI_DATA_DESTROY_SHARED,
  RMI_GRANULE_DELEGATE,
  RMI_GRANULE_UNDELEGATE,
  RMI_REALM_DESTROY,
  RMI_REALM_PD,
  RMI_RTT_CREATE,
  RMI_RTT_DESTROY,
  RMI_RTT_FOLD,
  RMI_RTT_READ_ENTRY,
  RMI_SGT,
} from '../../src/abi/index.ts'
import { PAGE, RAM } from '../scripted-host.ts'
import { joined, LINK, look, put, SECRET, stage, withoutEffect } from './arena.ts'

// The host tries to make something else of a granule while it is a channel, and to take it out by another name.

test('a granule of a channel becomes nothing else, and its mapping does not go by commands for own memory', () => {
  const { host, left, right, granule } = joined()
  put(left, LINK, SECRET)
  const other = host.createRealm({ image: 9, activate: false })
  const content = host.page(new Uint8Array(PAGE).fill(0xaa))
  const spare = host.delegated()
  const attacks: readonly (readonly [readonly [number, number], fid: bigint, ...args: readonly number[]])[] = [
    [[1, 0], RMI_GRANULE_UNDELEGATE, granule],
    [[1, 0], RMI_GRANULE_DELEGATE, granule],
    [[1, 0], RMI_DATA_CREATE, other.rd, granule, LINK, content, 0],
    [[1, 0], RMI_DATA_CREATE_UNKNOWN, other.rd, granule, LINK],
    [[1, 0], RMI_RTT_CREATE, other.rd, granule, 0x40_0000, 3],
    [[1, 0], RMI_REALM_PD, other.rd, granule],
    [[1, 0], RMI_SGT, granule],
    [[4, 3], RMI_DATA_CREATE_UNKNOWN, right.rd, spare, LINK],
    [[4, 3], RMI_DATA_DESTROY, right.rd, LINK],
    [[4, 3], RMI_RTT_DESTROY, right.rd, LINK, 3],
    [[4, 3], RMI_RTT_FOLD, right.rd, LINK, 3],
    [[2, 0], RMI_REALM_DESTROY, right.rd],
  ]
  for (const [expected, fid, ...args] of attacks) {
    expect(
      withoutEffect(host, () => host.status(fid, ...args)),
      `0x${fid.toString(16)}`,
    ).toEqual(expected)
  }
  expect(look(right, LINK)).toBe(SECRET)
})

test('what is in use as something else becomes no channel: least of all the private memory of another Realm', () => {
  const { host, realms } = stage(2)
  const [victim, thief] = [realms[0]!, realms[1]!]
  put(victim, RAM + PAGE, SECRET)
  const [start] = host.smc(RMI_RTT_READ_ENTRY, victim.rd, RAM, 2).slice(3)
  const inUse = [...victim.ram, victim.rd, victim.rec, Number(start), host.addSharedGranuleTable(), host.page()]
  for (const granule of inUse) {
    for (const realm of [thief, victim]) {
      const map = () => host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, realm.rd, granule, LINK)
      expect(withoutEffect(host, map), `0x${granule.toString(16)}`).toEqual([1, 0])
    }
  }
  expect(look(victim, RAM + PAGE)).toBe(SECRET)
  expect(look(thief, LINK)).toBe('SynchronousExternalAbort')
})

test('the host reads and writes none of it while it is shared, and finds it zeroed when it is its own again', () => {
  const { host, left, right, granule } = joined()
  put(left, LINK, SECRET)
  expect(host.read(granule, 8)).toBeUndefined()
  expect(host.write(granule, new Uint8Array(8).fill(1))).toBe(false)
  expect(look(right, LINK)).toBe(SECRET)
  for (const { rd } of [left, right]) host.demand(RMI_DATA_DESTROY_SHARED, rd, LINK)
  host.demand(RMI_GRANULE_UNDELEGATE, granule)
  expect(host.read(granule, 8)).toEqual(new Uint8Array(8))
})

test('the host learns of a mapping what it put there, and nothing of rights', () => {
  const { host, left, right, granule } = joined()
  for (const { rd } of [left, right]) {
    const [status, level, state, address, ripas] = host.smc(RMI_RTT_READ_ENTRY, rd, LINK, 3)
    expect([status, level, state, address, ripas]).toEqual([0n, 3n, 1n, BigInt(granule), 0n])
  }
})

test('control: a granule of the host’s own is at its disposal', () => {
  const { host } = joined()
  const spare = host.delegated()
  expect(host.status(RMI_GRANULE_UNDELEGATE, spare)).toEqual([0, 0])
  expect(host.write(spare, new Uint8Array(8).fill(1))).toBe(true)
})
