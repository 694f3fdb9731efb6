import { expect, test } from 'vitest'
import { RMI_RTT_MAP_UNPROTECTED } from '../../src/abi/index.ts'
import { PAGE, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
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

test('a block that reaches beyond the listed range is refused, though the range lies in it', () => {
  const { host, realm, block } = exposed()
  const around = { at: (BLOCK - UNPROTECTED) / PAGE, granules: 511, unprotected: true, rights: { me: 'rw' } }
  expect(upload(realm, { ...gateway(realm, true, 'rw'), memories: { nic: around } })).toBe('accepted')
  expect(windows(realm)).toEqual(['-', '-', '-'])
  const remap = () => host.status(RMI_RTT_MAP_UNPROTECTED, realm.rd, BLOCK, 2, block + READ_WRITE)
  expect(withoutEffect(host, remap)).toEqual([1, 0])
})

test('control: without a policy all windows are open', () => {
  const { realm } = exposed()
  expect(windows(realm)).toEqual(['rw', 'rw', 'rw'])
  expect(rightsAt(realm, BESIDE + PAGE)).toBe('-')
})
