import { expect, test } from 'vitest'
import {
  RMI_DATA_CREATE_UNKNOWN_SHARED,
  RMI_RTT_CREATE,
  RMI_RTT_FOLD,
  RMI_RTT_MAP_UNPROTECTED,
  RMI_RTT_UNMAP_UNPROTECTED,
} from '../../src/abi/index.ts'
import { PAGE, ScriptedHost, UNPROTECTED } from '../scripted-host.ts'
import { rightsAt, type Sketch, upload, withoutEffect } from './arena.ts'

// The host folds tables into blocks and unfolds them again, to have an entry say more than the policy does.

const TABLE = 0x40_0000
const WINDOW = UNPROTECTED + 0x40_0000
const PAGES = 512
const READ_WRITE = 0xd8
const READ_ONLY = 0x58

/** A Realm with a whole table of shared granules, contiguous in memory, of which a block could be made. */
function tableOfChannels() {
  const host = new ScriptedHost()
  for (let sgt = 0; sgt < 2; sgt++) host.addSharedGranuleTable()
  const realm = host.createRealm({ image: 1, policyGranules: 1 })
  realm.addTable(TABLE, 3)
  const first = 0x8080_0000
  for (let page = 0; page < PAGES; page++) {
    host.demand(RMI_DATA_CREATE_UNKNOWN_SHARED, realm.rd, host.delegate(first + page * PAGE), TABLE + page * PAGE)
  }
  const policy: Sketch = {
    self: 'me',
    peers: { me: { rim: realm.rim } },
    memories: {
      low: { at: TABLE / PAGE, granules: PAGES / 2, rights: { me: 'r' } },
      high: { at: TABLE / PAGE + PAGES / 2, granules: PAGES / 2, rights: { me: 'rw' } },
    },
  }
  return { host, realm, policy }
}

test('a table of channels is never folded: before the policy, where all entries are alike, or after it', () => {
  const { host, realm, policy } = tableOfChannels()
  const fold = () => host.status(RMI_RTT_FOLD, realm.rd, TABLE, 3)
  expect(withoutEffect(host, fold)).toEqual([4, 3])
  expect(upload(realm, policy)).toBe('accepted')
  expect(withoutEffect(host, fold)).toEqual([4, 3])
  const ends = [0, PAGES / 2 - 1, PAGES / 2, PAGES - 1].map((page) => rightsAt(realm, TABLE + page * PAGE))
  expect(ends).toEqual(['r', 'r', 'rw', 'rw'])
})

/** A gateway that may read the first half of a window of 2 MiB, and write the second too; all of it mapped so. */
function tableOfWindows() {
  const host = new ScriptedHost()
  const realm = host.createRealm({ image: 1, policyGranules: 1 })
  realm.addTable(WINDOW, 3)
  const base = 0x8080_0000
  const map = (page: number, attributes: number) =>
    host.status(RMI_RTT_MAP_UNPROTECTED, realm.rd, WINDOW + page * PAGE, 3, base + page * PAGE + attributes)
  for (let page = 0; page < PAGES; page++) expect(map(page, READ_WRITE)).toEqual([0, 0])
  const at = (WINDOW - UNPROTECTED) / PAGE
  const half = { granules: PAGES / 2, unprotected: true }
  const policy: Sketch = {
    self: 'me',
    peers: { me: { rim: realm.rim, gateway: true } },
    memories: {
      low: { ...half, at, rights: { me: 'r' } },
      high: { ...half, at: at + PAGES / 2, rights: { me: 'rw' } },
    },
  }
  return { host, realm, base, map, policy }
}

const windowRights = (realm: Parameters<typeof rightsAt>[0], page: number): string =>
  ['read', 'write'].map((access) => (realm.can(access as 'read', WINDOW + page * PAGE) ? access[0] : '')).join('')

test('windows of different rights are not folded into one, and what an upload narrowed stays narrow', () => {
  const { host, realm, policy } = tableOfWindows()
  expect(upload(realm, policy)).toBe('accepted')
  expect(withoutEffect(host, () => host.status(RMI_RTT_FOLD, realm.rd, WINDOW, 3))).toEqual([4, 3])
  expect([0, 255, 256, 511].map((page) => windowRights(realm, page))).toEqual(['r', 'r', 'rw', 'rw'])
})

test('nor is a block mapped over both, after their table is gone', () => {
  const { host, realm, base, policy } = tableOfWindows()
  expect(upload(realm, policy)).toBe('accepted')
  for (let page = 0; page < PAGES; page++) host.demand(RMI_RTT_UNMAP_UNPROTECTED, realm.rd, WINDOW + page * PAGE, 3)
  expect(host.status(RMI_RTT_FOLD, realm.rd, WINDOW, 3)).toEqual([0, 0])
  for (const attributes of [READ_WRITE, READ_ONLY]) {
    const map = () => host.status(RMI_RTT_MAP_UNPROTECTED, realm.rd, WINDOW, 2, base + attributes)
    expect(withoutEffect(host, map)).toEqual([1, 0])
  }
  expect(windowRights(realm, 0)).toBe('')
})

test('a window that was folded before the upload is narrowed as a whole: the block exceeds each range', () => {
  const { host, realm, policy } = tableOfWindows()
  expect(host.status(RMI_RTT_FOLD, realm.rd, WINDOW, 3)).toEqual([0, 0])
  expect(windowRights(realm, 0)).toBe('rw')
  expect(upload(realm, policy)).toBe('accepted')
  expect([0, 511].map((page) => windowRights(realm, page))).toEqual(['', ''])
  host.demand(RMI_RTT_CREATE, realm.rd, host.delegated(), WINDOW, 3)
  expect([0, 511].map((page) => windowRights(realm, page))).toEqual(['', ''])
})

test('control: windows of the same rights inside one range are folded, and keep them', () => {
  const { host, realm, policy } = tableOfWindows()
  const all = { ...policy.memories!['high']!, at: (WINDOW - UNPROTECTED) / PAGE, granules: PAGES }
  expect(upload(realm, { ...policy, memories: { all } })).toBe('accepted')
  expect(host.status(RMI_RTT_FOLD, realm.rd, WINDOW, 3)).toEqual([0, 0])
  expect([0, 511].map((page) => windowRights(realm, page))).toEqual(['rw', 'rw'])
})
