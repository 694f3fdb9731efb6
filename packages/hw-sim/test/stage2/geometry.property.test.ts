import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GRANULE_SIZE, PhysicalMemory, Stage2Walker } from '../../src/index.ts'
import { BASE, RealmMemory } from '../realm-memory.ts'

/** Every width of IPA space that walks may begin with at a level, by whether descriptors have 52-bit addresses. */
const GEOMETRIES = [false, true].flatMap((lpa2) =>
  [-1, 0, 1, 2].flatMap((startLevel) => {
    const narrowest = 12 + 9 * (3 - startLevel) + 1
    const first = Math.max(32, narrowest)
    const last = Math.min(lpa2 ? 52 : 48, narrowest + 12)
    const legal = startLevel >= 0 || lpa2
    return legal ? Array.from({ length: last - first + 1 }, (_, i) => ({ lpa2, startLevel, ipaBits: first + i })) : []
  }),
)

/** Somewhere in [0, 2^bits): every bit has its turn, which `fc.nat` does not promise of so wide a number. */
const address = fc.tuple(fc.nat(2 ** 26 - 1), fc.nat(2 ** 26 - 1)).map(([high, low]) => high * 2 ** 26 + low)

describe.each(GEOMETRIES)(
  'an IPA space of $ipaBits bits from level $startLevel on, with wide addresses: $lpa2',
  (shape) => {
    test('leads every mapped page to its own granule and no other page anywhere', () => {
      fc.assert(
        fc.property(fc.array(address, { minLength: 1, maxLength: 6 }), address, (places, stranger) => {
          const dram = PhysicalMemory.create(BASE, 0x40_0000)
          const realm = new RealmMemory(dram, shape)
          const within = (ipa: number): number => ipa % 2 ** shape.ipaBits
          const pages = new Map<number, number>()
          for (const ipa of places.map(within)) {
            const page = ipa - (ipa % GRANULE_SIZE)
            if (!pages.has(page)) pages.set(page, realm.page(page, 'rw'))
          }
          const walker = new Stage2Walker(dram, realm.root)
          for (const ipa of [...places.map(within), ...places.map(within).reverse()]) {
            expect(walker.walk(ipa, 'write')).toBe(true)
            const offset = ipa % GRANULE_SIZE
            expect(walker.result.offset).toBe(pages.get(ipa - offset)! - BASE + offset)
          }
          const elsewhere = within(stranger) - (within(stranger) % GRANULE_SIZE)
          expect(walker.walk(elsewhere, 'read')).toBe(pages.has(elsewhere))
          expect(walker.walk(2 ** shape.ipaBits + places[0]!, 'read')).toBe(false)
          expect(walker.result.fault).toBe('translation')
        }),
        { numRuns: 8 },
      )
    })
  },
)
