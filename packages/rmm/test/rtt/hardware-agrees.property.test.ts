import { entrySize, GRANULE_SIZE, type Stage2Root, Stage2Walker } from '@mica/hw-sim'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  RMI_DATA_CREATE_UNKNOWN,
  RMI_RTT_INIT_RIPAS,
  RMI_RTT_MAP_UNPROTECTED,
  RMI_RTT_READ_ENTRY,
} from '../../src/abi/index.ts'
import { findRealmPage } from '../../src/rtt/realm-memory.ts'
import { ScriptedHost } from '../scripted-host.ts'
import { type Geometry, WIDE, WideRealm } from './wide-realm.ts'

const READ_WRITE = 0xd8
const READ_ONLY = 0x58

const geometry: fc.Arbitrary<Geometry> = fc
  .record({ lpa2: fc.boolean(), startLevel: fc.integer({ min: -1, max: 2 }), bits: fc.nat(12) })
  .map(({ lpa2, startLevel, bits }) => ({ lpa2, startLevel, ipaBits: 12 + 9 * (3 - startLevel) + 1 + bits }))
  .filter(({ lpa2, startLevel, ipaBits }) => ipaBits >= 32 && ipaBits <= (lpa2 ? 52 : 48) && (lpa2 || startLevel >= 0))

/** Parts of 2^26 each, so that every bit of an address has its turn. */
const address = fc.tuple(fc.nat(2 ** 26 - 1), fc.nat(2 ** 26 - 1)).map(([high, low]) => high * 2 ** 26 + low)

const alignedTo = (size: number, value: number): number => value - (value % size)

function rootOf({ realm }: WideRealm): Stage2Root {
  const { startTableAddress, startLevel, ipaBits, lpa2 } = realm.identity
  return { table: startTableAddress, startLevel, ipaBits, lpa2 }
}

test('whatever the geometry, hardware finds in the tables what the monitor wrote, and nothing else', () => {
  fc.assert(
    fc.property(geometry, fc.array(address, { minLength: 1, maxLength: 4 }), address, (shape, places, stranger) => {
      const host = new ScriptedHost({ mica: false, identification: WIDE })
      const realm = new WideRealm(host, shape)
      const { memory } = host.machine
      const half = 2 ** (shape.ipaBits - 1)
      const pages = new Map<number, number>()
      for (const place of places) {
        const ipa = alignedTo(GRANULE_SIZE, place % half)
        realm.withTables(ipa, 3)
        host.smc(RMI_RTT_INIT_RIPAS, realm.rd, ipa, ipa + GRANULE_SIZE)
        const granule = host.delegated()
        if (host.smc(RMI_DATA_CREATE_UNKNOWN, realm.rd, granule, ipa)[0] === 0n) pages.set(ipa, granule)
      }
      const walker = new Stage2Walker(memory, rootOf(realm))
      for (const [ipa, granule] of pages) {
        for (const kind of ['read', 'write', 'execute'] as const) expect(walker.walk(ipa + 5, kind)).toBe(true)
        expect(walker.result.offset).toBe(granule - memory.base + 5)
        const index = (granule - memory.base) / GRANULE_SIZE
        expect(findRealmPage(memory, realm.realm, ipa)).toEqual({ kind: 'ram', granule: index })
        expect(host.demand(RMI_RTT_READ_ENTRY, realm.rd, ipa, 3).slice(1, 5)).toEqual([3n, 1n, BigInt(granule), 1n])
      }
      const elsewhere = alignedTo(GRANULE_SIZE, stranger % (2 * half))
      expect(walker.walk(elsewhere, 'read')).toBe(pages.has(elsewhere))
    }),
    { numRuns: 40 },
  )
})

test('memory of the host’s, a page or a block, is reached with its rights where it is in DRAM and faults where it is not', () => {
  fc.assert(
    fc.property(
      geometry,
      address,
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      address,
      (shape, place, requested, writable, target) => {
        const host = new ScriptedHost({ mica: false, identification: WIDE })
        const realm = new WideRealm(host, shape)
        const { memory } = host.machine
        const level = Math.max(requested, shape.startLevel)
        const size = entrySize(level)
        const half = 2 ** (shape.ipaBits - 1)
        const ipa = half + alignedTo(size, place % half)
        realm.withTables(ipa, level)
        // Where DRAM is, or anywhere that addresses reach.
        const limit = 2 ** (shape.lpa2 ? 52 : 48)
        const pa = target % 2 === 0 ? alignedTo(size, memory.base) : alignedTo(size, target % limit)
        const attributes = writable ? READ_WRITE : READ_ONLY
        const descriptor = BigInt(pa % 2 ** 50) + (BigInt(Math.floor(pa / 2 ** 50)) << 8n) + BigInt(attributes)
        host.demand(RMI_RTT_MAP_UNPROTECTED, realm.rd, ipa, level, descriptor)
        const entry = host.demand(RMI_RTT_READ_ENTRY, realm.rd, ipa, level)
        expect(entry.slice(1, 5)).toEqual([BigInt(level), 1n, descriptor, 0n])
        const walker = new Stage2Walker(memory, rootOf(realm))
        const dramIpa = ipa + Math.max(0, memory.base - pa)
        const inDram = pa <= memory.base && memory.base < pa + size
        expect(walker.walk(dramIpa + 9, 'read')).toBe(inDram)
        if (inDram) expect(walker.result.offset).toBe(9)
        expect(walker.walk(dramIpa + 9, 'write')).toBe(inDram && writable)
        expect(walker.walk(dramIpa, 'execute')).toBe(false)
      },
    ),
    { numRuns: 60 },
  )
})
