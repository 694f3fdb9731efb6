import { describe, expect, test } from 'vitest'
import { addressWords, GRANULE_SIZE, PAS, PhysicalMemory, Stage2Walker } from '../../src/index.ts'
import { outputBits, outputGranule, outputHigh } from '../../src/stage2/descriptor.ts'
import { BASE, RealmMemory } from '../realm-memory.ts'

const memory = (): PhysicalMemory => PhysicalMemory.create(BASE, 0x100_0000)

describe('a walk of 39-bit IPA space', () => {
  test('finds the byte that a page maps', () => {
    const dram = memory()
    const realm = new RealmMemory(dram)
    const page = realm.page(0x20_0000_3000, 'rw')
    const walker = new Stage2Walker(dram, realm.root)
    expect(walker.walk(0x20_0000_3abc, 'read')).toBe(true)
    expect(walker.result).toMatchObject({ fault: undefined, offset: page - BASE + 0xabc })
  })

  test('stops at the level where the tables end', () => {
    const dram = memory()
    const realm = new RealmMemory(dram)
    realm.page(0x1000, 'rw')
    const walker = new Stage2Walker(dram, realm.root)
    const faultAt = (ipa: number): unknown => {
      expect(walker.walk(ipa, 'read')).toBe(false)
      return [walker.result.fault, walker.result.level]
    }
    expect(faultAt(0x2000)).toEqual(['translation', 3])
    expect(faultAt(0x20_0000)).toEqual(['translation', 2])
    expect(faultAt(0x4000_0000)).toEqual(['translation', 1])
    expect(faultAt(2 ** 39)).toEqual(['translation', 1])
    expect(faultAt(Number.NaN)).toEqual(['translation', 1])
  })

  test('gives each kind of access only with its own right', () => {
    const dram = memory()
    const realm = new RealmMemory(dram)
    const rights = ['r', 'w', 'rw', 'rx', 'x', ''] as const
    rights.forEach((right, index) => {
      realm.page(index * GRANULE_SIZE, right)
    })
    const walker = new Stage2Walker(dram, realm.root)
    const allowed = rights.map((_, index) =>
      (['read', 'write', 'execute'] as const).filter((kind) => walker.walk(index * GRANULE_SIZE, kind)),
    )
    expect(allowed).toEqual([['read'], ['write'], ['read', 'write'], ['read', 'execute'], ['execute'], []])
    expect([walker.result.fault, walker.result.level]).toEqual(['permission', 3])
  })
})

test('a block maps its whole range with one descriptor, whatever its low address bits say', () => {
  const dram = memory()
  const realm = new RealmMemory(dram)
  for (let granule = 2048; granule < 2048 + 512; granule++) dram.setPas(granule, PAS.realm)
  realm.map(0x60_0000, BASE + 2048 * GRANULE_SIZE + 0x1_0000, 'rw', 2)
  const walker = new Stage2Walker(dram, realm.root)
  expect(walker.walk(0x60_0000 + 0x1f_fff8, 'write')).toBe(true)
  expect(walker.result).toMatchObject({ fault: undefined, offset: 2048 * GRANULE_SIZE + 0x1f_fff8 })
})

test('a block of one gigabyte reaches the granules of DRAM and faults on those that are not there', () => {
  const dram = memory()
  const realm = new RealmMemory(dram)
  realm.map(0x4000_0000, BASE, 'r', 1)
  dram.setPas(4000, PAS.realm)
  const walker = new Stage2Walker(dram, realm.root)
  expect(walker.walk(0x4000_0000 + 4000 * GRANULE_SIZE + 5, 'read')).toBe(true)
  expect(walker.result.offset).toBe(4000 * GRANULE_SIZE + 5)
  expect(walker.walk(0x4000_0000 + 0x100_0000, 'read')).toBe(false)
  expect(walker.result).toMatchObject({ fault: 'granule-protection', level: 1 })
})

test('a block descriptor at level 0 is no mapping', () => {
  const dram = memory()
  const realm = new RealmMemory(dram, { ipaBits: 48, startLevel: 0 })
  realm.map(0, BASE, 'rw', 0)
  const walker = new Stage2Walker(dram, realm.root)
  expect(walker.walk(0, 'read')).toBe(false)
  expect(walker.result).toMatchObject({ fault: 'translation', level: 0 })
})

test.each([
  { ipaBits: 40, startLevel: 1, ipa: 2 ** 39 + 0x12_3000 },
  { ipaBits: 43, startLevel: 1, ipa: 2 ** 43 - GRANULE_SIZE },
  { ipaBits: 34, startLevel: 2, ipa: 2 ** 33 + 0x4567_8000 },
  { ipaBits: 48, startLevel: 0, ipa: 2 ** 47 + 0x1234_5678_9000 },
  { ipaBits: 32, startLevel: 1, ipa: 0xffff_f000 },
])('start tables of a $ipaBits-bit space at level $startLevel are found by the whole index', ({ ipa, ...shape }) => {
  const dram = memory()
  const realm = new RealmMemory(dram, shape)
  const page = realm.page(ipa, 'rw')
  const walker = new Stage2Walker(dram, realm.root)
  expect(walker.walk(ipa + 0x10, 'read')).toBe(true)
  expect(walker.result.offset).toBe(page - BASE + 0x10)
  expect(walker.walk(ipa % 2 ** 30, 'read')).toBe(false)
  expect(walker.walk(2 ** shape.ipaBits, 'read')).toBe(false)
})

describe('granule protection', () => {
  test('a table outside the Realm world is not read', () => {
    const dram = memory()
    const realm = new RealmMemory(dram)
    realm.page(0x1000, 'rw')
    const walker = new Stage2Walker(dram, realm.root)
    for (const level of [3, 2, 1]) {
      dram.setPas((realm.tableOf(0x1000, level) - BASE) / GRANULE_SIZE, PAS.nonSecure)
      expect(walker.walk(0x1000, 'read')).toBe(false)
      expect(walker.result).toMatchObject({ fault: 'granule-protection-on-walk', level })
    }
  })

  test('a table outside DRAM is not read', () => {
    const dram = memory()
    const walker = new Stage2Walker(dram, { table: 0x1000, startLevel: 1, ipaBits: 39, lpa2: false })
    expect(walker.walk(0x1000, 'read')).toBe(false)
    expect(walker.result).toMatchObject({ fault: 'granule-protection-on-walk', level: 1 })
  })

  test('the NS bit has to say the physical address space that the granule is in', () => {
    const dram = memory()
    const realm = new RealmMemory(dram)
    realm.page(0x1000, 'rw', PAS.nonSecure)
    realm.map(0x2000, realm.granule(PAS.nonSecure), 'rw')
    realm.map(0x3000, realm.granule(PAS.realm), 'rw', 3, true)
    realm.map(0x4000, realm.granule(PAS.root), 'rw')
    realm.map(0x5000, realm.granule(PAS.secure), 'rw', 3, true)
    const walker = new Stage2Walker(dram, realm.root)
    const reached = [0x1000, 0x2000, 0x3000, 0x4000, 0x5000].map((ipa) => walker.walk(ipa, 'read'))
    expect(reached).toEqual([true, false, false, false, false])
    expect(walker.result).toMatchObject({ fault: 'granule-protection', level: 3 })
  })
})

describe('a walk that follows another into the same 2 MiB', () => {
  test('notices that a table on the way is no longer linked, at any level', () => {
    for (const level of [1, 2]) {
      const dram = memory()
      const realm = new RealmMemory(dram)
      realm.page(0x1000, 'rw')
      const walker = new Stage2Walker(dram, realm.root)
      expect(walker.walk(0x1000, 'read')).toBe(true)
      realm.unmap(0x1000, level)
      expect(walker.walk(0x1000, 'read')).toBe(false)
      expect(walker.result).toMatchObject({ fault: 'translation', level })
    }
  })

  test('notices that a table on the way left the Realm world, at any level', () => {
    for (const level of [1, 2, 3]) {
      const dram = memory()
      const realm = new RealmMemory(dram)
      realm.page(0x1000, 'rw')
      const walker = new Stage2Walker(dram, realm.root)
      expect(walker.walk(0x1000, 'read')).toBe(true)
      dram.setPas((realm.tableOf(0x1000, level) - BASE) / GRANULE_SIZE, PAS.secure)
      expect(walker.walk(0x1000, 'read')).toBe(false)
      expect(walker.result).toMatchObject({ fault: 'granule-protection-on-walk', level })
    }
  })

  test('goes the way it remembers until walks are invalidated, and not once after', () => {
    const dram = memory()
    const realm = new RealmMemory(dram)
    realm.page(0x1000, 'rw')
    const walker = new Stage2Walker(dram, realm.root)
    expect(walker.walk(0x1000, 'read')).toBe(true)
    // A table descriptor that is overwritten without a TLBI: what a monitor must never do.
    const descriptor = realm.tableOf(0x1000, 2) - BASE
    dram.view.setBigUint64(descriptor, 0n, true)
    expect(walker.walk(0x1000, 'read')).toBe(true)
    dram.invalidateWalks()
    expect(walker.walk(0x1000, 'read')).toBe(false)
  })

  test('follows a table that was replaced by another', () => {
    const dram = memory()
    const realm = new RealmMemory(dram)
    realm.page(0x1000, 'rw')
    const walker = new Stage2Walker(dram, realm.root)
    expect(walker.walk(0x1000, 'read')).toBe(true)
    const before = walker.result.offset
    realm.unmap(0x1000, 2)
    const page = realm.page(0x1000, 'rw')
    expect(walker.walk(0x1000, 'read')).toBe(true)
    expect(walker.result.offset).toBe(page - BASE)
    expect(walker.result.offset).not.toBe(before)
  })
})

test('DRAM that lies across a boundary of 4 GiB is reached on both sides of it', () => {
  const base = 2 ** 32 - 20 * GRANULE_SIZE
  expect([0, 19, 20, 40].map((granule) => granuleIn(base, base + granule * GRANULE_SIZE))).toEqual([0, 19, 20, 40])
  expect(granuleIn(BASE, BASE - GRANULE_SIZE)).toBe(-1)
  expect(granuleIn(BASE, BASE + 2 ** 44)).toBe(2 ** 32)
})

function granuleIn(base: number, address: number): number {
  const [low, high] = addressWords(address, false)
  return outputGranule(low, outputHigh(low, high, outputBits(false)), base >>> 0, Math.floor(base / 2 ** 32))
}
