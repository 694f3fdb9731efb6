import { expect, test } from 'vitest'
import { RMI_RTT_MAP_UNPROTECTED, RMI_RTT_UNMAP_UNPROTECTED } from '../../src/abi/index.ts'
import { PAGE, RAM, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
import { entryAt } from '../small-world.ts'
import { rightsAt, type Sketch, stage, upload, withoutEffect } from './arena.ts'

// The host leaves windows open before the upload, and opens new ones after it.

const NIC = 0x10
const NIC_IPA = UNPROTECTED + NIC * PAGE
const BESIDE = NIC_IPA + PAGE
const BLOCK = UNPROTECTED + 0x40_0000
const SIZE_OF_BLOCK = 0x20_0000
/** Attributes of a mapping that may be read, or read and written. */
const READ_ONLY = 0x58
const READ_WRITE = 0xd8

/** A Realm with two windows of a page and one of 2 MiB open towards the host. */
function exposed() {
  const { host, realms } = stage(1)
  const [realm] = realms
  const page = host.page()
  for (const ipa of [NIC_IPA, BESIDE]) expect(realm!.mapUnprotected(page, ipa)).toEqual([0, 0])
  const block = Math.ceil((host.page() + PAGE) / SIZE_OF_BLOCK) * SIZE_OF_BLOCK
  expect(host.status(RMI_RTT_MAP_UNPROTECTED, realm!.rd, BLOCK, 2, block + READ_WRITE)).toEqual([0, 0])
  return { host, realm: realm!, page, block }
}

const WINDOWS = [NIC_IPA, BESIDE, BLOCK]
const windows = (realm: ScriptedRealm): readonly string[] => WINDOWS.map((ipa) => rightsAtWindow(realm, ipa))

/** As `rightsAt`, and does not try to fetch: unprotected memory is never executable. */
function rightsAtWindow(realm: ScriptedRealm, ipa: number): string {
  return (realm.can('read', ipa) ? 'r' : '') + (realm.can('write', ipa) ? 'w' : '') || '-'
}

const gateway = (realm: ScriptedRealm, strict: boolean, rights: string): Sketch => ({
  self: 'me',
  peers: { me: { rim: realm.rim, gateway: true, strict } },
  memories: { nic: { at: NIC, unprotected: true, rights: { me: rights } } },
})

test('a Realm that is no gateway keeps no window, whatever its size, and gets no new one', () => {
  const { host, realm, page } = exposed()
  expect(upload(realm, { self: 'me', peers: { me: { rim: realm.rim } } })).toBe('accepted')
  expect(windows(realm)).toEqual(['-', '-', '-'])
  for (const ipa of WINDOWS) expect(withoutEffect(host, () => realm.mapUnprotected(page, ipa))).toEqual([1, 0])
})

test.each([true, false])('a gateway, strict %s, keeps the window that its policy lists and no other', (strict) => {
  const { host, realm, page } = exposed()
  expect(upload(realm, gateway(realm, strict, 'rw'))).toBe('accepted')
  expect(windows(realm)).toEqual(['rw', '-', '-'])
  expect(withoutEffect(host, () => realm.mapUnprotected(page, BESIDE))).toEqual([1, 0])
})

test('a window keeps only the rights that the policy lists, and cannot be mapped wider again', () => {
  const { host, realm, page } = exposed()
  expect(upload(realm, gateway(realm, true, 'r'))).toBe('accepted')
  expect(windows(realm)).toEqual(['r', '-', '-'])
  host.demand(0xc400_0162n, realm.rd, NIC_IPA, 3)
  expect(withoutEffect(host, () => realm.mapUnprotected(page, NIC_IPA))).toEqual([1, 0])
  expect(host.status(RMI_RTT_MAP_UNPROTECTED, realm.rd, NIC_IPA, 3, page + READ_ONLY)).toEqual([0, 0])
})

test.each(['r', 'w', 'rw'])('a window with rights %s is mapped with these rights or fewer, and no others', (rights) => {
  const { host, realm, page } = exposed()
  expect(upload(realm, gateway(realm, true, rights))).toBe('accepted')
  const attributes = { '-': 0x18, r: READ_ONLY, w: 0x98, rw: READ_WRITE }
  const accepted = Object.entries(attributes).filter(([, bits]) => {
    host.status(RMI_RTT_UNMAP_UNPROTECTED, realm.rd, NIC_IPA, 3)
    return host.status(RMI_RTT_MAP_UNPROTECTED, realm.rd, NIC_IPA, 3, page + bits)[0] === 0
  })
  expect(accepted.map(([name]) => name)).toEqual(
    ['-', 'r', 'w', 'rw'].filter((name) => name === '-' || rights.includes(name)),
  )
})

test('a window may end where the address space ends, and not beyond', () => {
  const last = UNPROTECTED / PAGE - 1
  for (const [granules, answer] of [
    [1, 'accepted'],
    [2, 'memory-outside-realm'],
  ] as const) {
    const { realm } = exposed()
    const nic = { at: last, granules, unprotected: true, rights: { me: 'r' } }
    expect(upload(realm, { ...gateway(realm, true, 'r'), memories: { nic } })).toBe(answer)
  }
})

test('a block that reaches beyond the listed range is refused, though the range lies in it', () => {
  const { host, realm, block } = exposed()
  const around = { at: (BLOCK - UNPROTECTED) / PAGE, granules: 511, unprotected: true, rights: { me: 'rw' } }
  expect(upload(realm, { ...gateway(realm, true, 'rw'), memories: { nic: around } })).toBe('accepted')
  expect(windows(realm)).toEqual(['-', '-', '-'])
  const remap = () => host.status(RMI_RTT_MAP_UNPROTECTED, realm.rd, BLOCK, 2, block + READ_WRITE)
  expect(withoutEffect(host, remap)).toEqual([1, 0])
})

test('a window that the policy gives no address is nowhere, and least of all where the half begins', () => {
  const { host, realm, page } = exposed()
  expect(realm.mapUnprotected(page, UNPROTECTED)).toEqual([0, 0])
  const nowhere = { unprotected: true, rights: { me: 'rw' } }
  expect(upload(realm, { ...gateway(realm, true, 'rw'), memories: { nic: nowhere } })).toBe('accepted')
  expect([...windows(realm), rightsAtWindow(realm, UNPROTECTED)]).toEqual(['-', '-', '-', '-'])
  expect(withoutEffect(host, () => realm.mapUnprotected(page, UNPROTECTED))).toEqual([1, 0])
})

test('a window in which the Realm has no place is none, whoever else has one', () => {
  const { host, realm, page } = exposed()
  const peers = { me: { rim: realm.rim, gateway: true }, other: { rim: new Uint8Array(32).fill(5), gateway: true } }
  const memories = { nic: { at: NIC, unprotected: true, rights: { other: 'rw' } } }
  expect(upload(realm, { self: 'me', peers, memories })).toBe('accepted')
  expect(windows(realm)).toEqual(['-', '-', '-'])
  expect(withoutEffect(host, () => realm.mapUnprotected(page, NIC_IPA))).toEqual([1, 0])
})

test('what a Realm has in its own memory stays, also where it looks like an entry of its tables', () => {
  const { host, realm } = exposed()
  const { memory } = host.machine
  const table = memory.granuleBytes((entryAt(realm, UNPROTECTED, 2).descriptor - memory.base) / PAGE).slice()
  realm.perform((cpu) => cpu.store(RAM, table))
  expect(upload(realm, { self: 'me', peers: { me: { rim: realm.rim } } })).toBe('accepted')
  expect(windows(realm)).toEqual(['-', '-', '-'])
  expect(realm.perform((cpu) => cpu.load(RAM, PAGE)).value).toEqual(table)
})

test('control: without a policy all windows are open', () => {
  const { realm } = exposed()
  expect(windows(realm)).toEqual(['rw', 'rw', 'rw'])
  expect(rightsAt(realm, BESIDE + PAGE)).toBe('-')
})
