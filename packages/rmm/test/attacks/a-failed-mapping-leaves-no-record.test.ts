import { expect, test } from 'vitest'
import { RMI_DATA_CREATE_UNKNOWN_SHARED } from '../../src/abi/index.ts'
import { PAGE, RAM, UNPROTECTED } from '../scripted-host.ts'
import { joined, LINK, linked, look, put, SECRET, upload, withoutEffect } from './arena.ts'

// The host has every command fail that it can, in the hope that the monitor remembers something of it.

/** The level at which a walk ends in an address, of which nothing is mapped. */
const NO_TABLE = 0x4000_0000

test('a mapping that fails is not recorded: what is opened afterwards is what was mapped', () => {
  const { host, left, right, policy } = linked()
  const decoy = host.delegated()
  const failures: readonly (readonly [rd: number, data: number, ipa: number])[] = [
    [left.rd, decoy, LINK],
    [right.rd, decoy, LINK],
    [left.rd, decoy, RAM],
    [left.rd, decoy, NO_TABLE],
    [left.rd, decoy, UNPROTECTED],
    [left.rd, decoy, LINK + 8],
    [left.rd, host.page(), LINK + PAGE],
    [left.rd, left.ram[3]!, LINK + PAGE],
    [left.rd, left.rd, LINK + PAGE],
    [decoy, decoy, LINK + PAGE],
  ]
  for (const args of failures) {
    const [status] = withoutEffect(host, () => host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, ...args))
    expect(status, args.map((arg) => arg.toString(16)).join()).not.toBe(0)
  }
  expect(upload(left, policy('left'))).toBe('accepted')
  expect(upload(right, policy('right'))).toBe('accepted')
  put(left, LINK, SECRET)
  expect(look(right, LINK)).toBe(SECRET)
})

test('control: the same command with a granule and a place of its own succeeds, and has an effect', () => {
  const { host, left } = linked()
  expect(host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, left.rd, host.delegated(), LINK + PAGE)).toEqual([0, 0])
  expect(() => withoutEffect(host, () => host.delegated())).toThrow()
})

test('control: what left writes is what right reads, so that a decoy between them would show', () => {
  const { left, right } = joined()
  put(left, LINK, 7n)
  expect(look(right, LINK)).toBe(7n)
})
