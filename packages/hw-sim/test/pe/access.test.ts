import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EC, exceptionClass, GRANULE_SIZE, PAS, PhysicalMemory } from '../../src/index.ts'
import { FAULT_32, GuardedAccess } from '../../src/pe/access.ts'
import { BASE, RealmMemory } from '../realm-memory.ts'

const IPA = 0x20_0000_0000

function setUp(...rights: string[]): { memory: PhysicalMemory; realm: RealmMemory; access: GuardedAccess } {
  const memory = PhysicalMemory.create(BASE, 0x2_0000)
  const realm = new RealmMemory(memory, { firstGranule: 2 })
  rights.forEach((right, index) => {
    if (right !== '-') realm.page(IPA + index * GRANULE_SIZE, right)
  })
  return { memory, realm, access: new GuardedAccess(memory, realm.root) }
}

describe('law 1: an access that stage 2 or the granule protection table does not allow faults and changes nothing', () => {
  test('for every access, anywhere in a range of pages with arbitrary rights', () => {
    const pages = fc.array(fc.constantFrom('r', 'w', 'rw', '', '-', 'gone'), { minLength: 4, maxLength: 4 })
    const operation = fc.record({
      kind: fc.constantFrom('load', 'store', 'load32', 'store32', 'load64', 'store64', 'copy', 'fetch'),
      ipa: fc.integer({ min: 0, max: 4 * GRANULE_SIZE }),
      other: fc.integer({ min: 0, max: 4 * GRANULE_SIZE }),
      length: fc.integer({ min: 0, max: 2 * GRANULE_SIZE }),
    })
    fc.assert(
      fc.property(pages, operation, (rights, { kind, ipa, other, length }) => {
        const { memory, realm, access } = setUp(...rights.map((right) => (right === 'gone' ? '-' : right)))
        rights.forEach((right, index) => {
          if (right === 'gone') realm.map(IPA + index * GRANULE_SIZE, realm.granule(PAS.nonSecure), 'rw')
        })
        const before = memory.bytes.slice()
        const size = kind.endsWith('32') ? 4 : kind.endsWith('64') ? 8 : length
        const has = (start: number, right: string): boolean => {
          const first = Math.floor(start / GRANULE_SIZE)
          const last = size === 0 ? first - 1 : Math.floor((start + size - 1) / GRANULE_SIZE)
          for (let page = first; page <= last; page++) if (!rights[page]?.match(`^[rw]*${right}[rw]*$`)) return false
          return true
        }
        const may: Record<string, boolean> = {
          load: has(ipa, 'r'),
          fetch: size === 0,
          store: has(ipa, 'w'),
          copy: has(other, 'r') && has(ipa, 'w'),
        }
        const target = new Uint8Array(size).fill(0xee)
        const run: Record<string, () => boolean> = {
          load: () => access.load(IPA + ipa, target),
          fetch: () => access.fetch(IPA + ipa, target),
          load32: () => access.load32(IPA + ipa) !== FAULT_32,
          load64: () => access.load64(IPA + ipa) !== undefined,
          store: () => access.store(IPA + ipa, target),
          store32: () => access.store32(IPA + ipa, 0xeeee_eeee),
          store64: () => access.store64(IPA + ipa, 0xeeee_eeee_eeee_eeeen),
          copy: () => access.copy(IPA + ipa, IPA + other, size),
        }
        const done = run[kind]!()
        expect(done).toBe(may[kind.replace(/\d+/, '')])
        if (!done) {
          expect(Buffer.compare(memory.bytes, before)).toBe(0)
          expect(target.every((byte) => byte === 0xee)).toBe(true)
        }
      }),
      { numRuns: 150 },
    )
  })

  test('a mapping that is taken away is away at the next access', () => {
    const { realm, access } = setUp('rw')
    expect(access.store64(IPA, 1n)).toBe(true)
    realm.unmap(IPA)
    expect(access.store64(IPA, 2n)).toBe(false)
    expect(access.load64(IPA)).toBeUndefined()
  })

  test('a granule that leaves the Realm world is out of reach at the next access', () => {
    const { memory, realm, access } = setUp()
    const address = realm.page(IPA, 'rw')
    expect(access.load32(IPA)).toBe(0)
    memory.setPas((address - BASE) / GRANULE_SIZE, PAS.nonSecure)
    expect(access.load32(IPA)).toBe(FAULT_32)
  })
})

describe('the syndrome of a fault', () => {
  test('says where, what kind of access, why and at which level', () => {
    const { access } = setUp('r')
    expect(access.store32(IPA + 0x123, 0)).toBe(false)
    const { esr, far, hpfar } = access.syndrome()
    expect(exceptionClass(esr)).toBe(EC.dataAbort)
    expect(esr & 0x3fn).toBe(0x0fn)
    expect(esr & 0x40n).toBe(0x40n)
    expect(far).toBe(BigInt(IPA + 0x123))
    expect(hpfar).toBe(BigInt(IPA / GRANULE_SIZE) << 4n)
  })

  test('of a fetch is an instruction abort', () => {
    const { access } = setUp('rw')
    expect(access.fetch(IPA, new Uint8Array(4))).toBe(false)
    expect(exceptionClass(access.syndrome().esr)).toBe(EC.instructionAbort)
  })

  test('of a granule protection fault has a code of its own, without a level', () => {
    const { realm, access } = setUp()
    realm.map(IPA, realm.granule(PAS.root), 'rw')
    expect(access.load32(IPA)).toBe(FAULT_32)
    expect(access.syndrome().esr & 0x3fn).toBe(0x28n)
  })

  test('of an access across pages names the first byte that was refused', () => {
    const { access } = setUp('rw', 'r')
    expect(access.store(IPA + 0xff0, new Uint8Array(0x20))).toBe(false)
    expect(access.syndrome().far).toBe(BigInt(IPA + 0x1000))
  })
})

describe('data', () => {
  test('is little-endian, also unaligned and across pages', () => {
    const { access } = setUp('rw', 'rw')
    for (const offset of [0, 3, 0xffd, 0xffc]) {
      expect(access.store64(IPA + offset, 0x1122_3344_5566_7788n)).toBe(true)
      expect(access.load64(IPA + offset)).toBe(0x1122_3344_5566_7788n)
      expect(access.load32(IPA + offset)).toBe(0x5566_7788)
      const bytes = new Uint8Array(8)
      access.load(IPA + offset, bytes)
      expect(Buffer.from(bytes).toString('hex')).toBe('8877665544332211')
    }
  })

  test('overlapping copies move as if through a buffer', () => {
    fc.assert(
      fc.property(fc.nat(3000), fc.nat(3000), fc.integer({ min: 0, max: 5000 }), (to, from, length) => {
        const { access } = setUp('rw', 'rw')
        const bytes = Uint8Array.from({ length: 2 * GRANULE_SIZE }, (_, index) => index * 7)
        access.store(IPA, bytes)
        expect(access.copy(IPA + to, IPA + from, length)).toBe(true)
        bytes.copyWithin(to, from, from + length)
        const result = new Uint8Array(bytes.length)
        access.load(IPA, result)
        expect(Buffer.compare(result, bytes)).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  test('an access longer than a page counts each block it touches', () => {
    const { access } = setUp('rw', 'rw')
    const events: unknown[] = []
    access.store(IPA + 0x800, new Uint8Array(0x1000))
    access.load32(IPA)
    access.counters.report({ enabled: true, emit: (event: unknown) => events.push(event) } as never, '0x1')
    expect(events).toEqual([{ event: 'access', rec: '0x1', block: '0x2000000000', loaded: 4, stored: 0x1000 }])
  })
})
