import { describe, expect, test } from 'vitest'
import { addressWords, GRANULE_SIZE, outputAddress, PAS, PhysicalMemory, Stage2Walker } from '../../src/index.ts'
import { BASE, RealmMemory } from '../realm-memory.ts'

const WIDE = { ipaBits: 52, startLevel: -1, lpa2: true }
/** Wide addresses, but walks that begin where they usually do. */
const USUAL = { ipaBits: 39, startLevel: 1, lpa2: true }

test('an address comes back from its descriptor words, in both layouts', () => {
  for (const lpa2 of [false, true]) {
    for (let bit = 12; bit < (lpa2 ? 52 : 48); bit++) {
      expect(outputAddress(...addressWords(2 ** bit, lpa2), lpa2)).toBe(2 ** bit)
    }
  }
})

test('bits 51:50 of a wide address are bits 9:8 of its descriptor, bits 49:48 are where they are', () => {
  expect(addressWords(2 ** 50, true)).toEqual([0x100, 0])
  expect(addressWords(2 ** 51, true)).toEqual([0x200, 0])
  expect(addressWords(2 ** 49 + 2 ** 48, true)).toEqual([0, 0x3_0000])
})

test('shareability in a narrow descriptor is no address', () => {
  expect(outputAddress(0x8000_0300 | 0, 0, false)).toBe(0x8000_0000)
  expect(outputAddress(0x8000_0300 | 0, 0, true)).toBe(3 * 2 ** 50 + 0x8000_0000)
})

test.each([2 ** 48, 2 ** 50, 2 ** 51 + 2 ** 49])('DRAM at %d is reached through wide descriptors alone', (base) => {
  const dram = PhysicalMemory.create(base, 0x40_0000)
  const realm = new RealmMemory(dram, WIDE)
  const page = realm.page(2 ** 51 + 0x5000, 'rw')
  const walker = new Stage2Walker(dram, realm.root)
  for (const _ of ['walked', 'remembered']) {
    expect(walker.walk(2 ** 51 + 0x5008, 'read')).toBe(true)
    expect(walker.result.offset).toBe(page - base + 8)
  }
  expect(new Stage2Walker(dram, { ...realm.root, startLevel: 0, ipaBits: 48, lpa2: false }).walk(0x5008, 'read')).toBe(
    false,
  )
})

describe.each([WIDE, USUAL])(
  'an address that differs from one in DRAM by its highest bits only, walked to from level $startLevel',
  (shape) => {
    test.each([2 ** 32, 2 ** 48, 2 ** 49, 2 ** 50, 2 ** 51])('leads out of DRAM: %d', (beyond) => {
      const dram = PhysicalMemory.create(BASE, 0x40_0000)
      const realm = new RealmMemory(dram, shape)
      const page = realm.page(0x1000, 'rw')
      realm.map(0x2000, page + beyond, 'rw')
      const walker = new Stage2Walker(dram, realm.root)
      expect(walker.walk(0x1000, 'read')).toBe(true)
      expect(walker.walk(0x2000, 'read')).toBe(false)
      expect(walker.result).toMatchObject({ fault: 'granule-protection', level: 3 })
    })

    test.each([2 ** 32, 2 ** 48, 2 ** 49, 2 ** 50, 2 ** 51])('and a table there is not read: %d', (beyond) => {
      const dram = PhysicalMemory.create(BASE, 0x40_0000)
      const realm = new RealmMemory(dram, shape)
      realm.page(0x1000, 'rw')
      const entry = realm.tableOf(0x1000, 2) - BASE
      const [low, high] = addressWords(beyond, true)
      dram.view.setUint32(entry, (dram.view.getUint32(entry, true) | low) >>> 0, true)
      dram.view.setUint32(entry + 4, high, true)
      dram.invalidateWalks()
      const walker = new Stage2Walker(dram, realm.root)
      expect(walker.walk(0x1000, 'read')).toBe(false)
      expect(walker.result).toMatchObject({ fault: 'granule-protection-on-walk', level: 3 })
    })
  },
)

test('blocks of 512 GiB exist with wide addresses: DRAM is reached at its place in one', () => {
  const dram = PhysicalMemory.create(BASE, 0x40_0000)
  const realm = new RealmMemory(dram, WIDE)
  const block = 3 * 2 ** 39
  // Bits of the block's own width mean nothing.
  realm.map(block, 5 * 2 ** 32 + 0x12_3000, 'r', 0)
  dram.setPas(7, PAS.realm)
  const walker = new Stage2Walker(dram, realm.root)
  expect(walker.walk(block + BASE + 7 * GRANULE_SIZE + 5, 'read')).toBe(true)
  expect(walker.result.offset).toBe(7 * GRANULE_SIZE + 5)
  expect(walker.walk(block + 2 ** 38 + BASE + 7 * GRANULE_SIZE, 'read')).toBe(false)
  expect(walker.result).toMatchObject({ fault: 'granule-protection', level: 0 })
})

test('a table of level 3 outside the Realm world is not read by the access after the one that found it', () => {
  const dram = PhysicalMemory.create(BASE, 0x40_0000)
  const realm = new RealmMemory(dram)
  realm.page(0x1000, 'rw')
  dram.setPas((realm.tableOf(0x1000, 3) - BASE) / GRANULE_SIZE, PAS.nonSecure)
  const walker = new Stage2Walker(dram, realm.root)
  for (const _ of ['first', 'second']) {
    expect(walker.walk(0x1000, 'read')).toBe(false)
    expect(walker.result).toMatchObject({ fault: 'granule-protection-on-walk', level: 3 })
  }
})
