import { GRANULE_SIZE, physicalAddressOf } from '@mica/hw-sim'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import {
  decodeRsiRealmConfig,
  RIPAS_EMPTY,
  RIPAS_RAM,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_DESTROY,
  RMI_GRANULE_UNDELEGATE,
  RMI_REALM_DESTROY,
  RMI_REC_DESTROY,
  RMI_RTT_CREATE,
  RMI_RTT_DESTROY,
  RMI_RTT_FOLD,
  RMI_RTT_INIT_RIPAS,
  RMI_RTT_MAP_UNPROTECTED,
  RMI_RTT_SET_RIPAS,
  RMI_RTT_UNMAP_UNPROTECTED,
  RSI_IPA_STATE_SET,
  RSI_REALM_CONFIG,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { PAGE, RAM, ScriptedHost, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
import { entryAt, granuleAt } from '../small-world.ts'
import { WideRealm } from './wide-realm.ts'

const ENTRIES = 512
const BLOCK = ENTRIES * PAGE
/** Addresses whose tables of level 3 hold nothing yet. */
const IPA = BLOCK
const NS_IPA = UNPROTECTED + BLOCK
/** Granules that a block can consist of. */
const MEMORY = 0x8040_0000
const READ_WRITE = 0xd8
const READ_ONLY = 0x58

interface Fixture {
  readonly host: ScriptedHost
  readonly realm: ScriptedRealm
  /** The address that the table to fold maps. */
  readonly ipa: number
}

/** A Realm with 512 pages in a row, of memory in a row. */
function withMemory(ripas: number): Fixture {
  const host = new ScriptedHost()
  const realm = host.createRealm({ activate: false })
  if (ripas === RIPAS_RAM) host.demand(RMI_RTT_INIT_RIPAS, realm.rd, IPA, IPA + BLOCK)
  for (let page = 0; page < ENTRIES; page++) {
    host.demand(RMI_DATA_CREATE_UNKNOWN, realm.rd, host.delegate(MEMORY + page * PAGE), IPA + page * PAGE)
  }
  return { host, realm, ipa: IPA }
}

function withHostMemory(): Fixture {
  const host = new ScriptedHost()
  const realm = host.createRealm({ activate: false })
  for (let page = 0; page < ENTRIES; page++) realm.mapUnprotected(MEMORY + page * PAGE, NS_IPA + page * PAGE)
  return { host, realm, ipa: NS_IPA }
}

function unassigned(ipa: number, prepare?: (fixture: Fixture) => void): Fixture {
  const host = new ScriptedHost()
  const fixture = { host, realm: host.createRealm({ activate: false }), ipa }
  prepare?.(fixture)
  return fixture
}

const KINDS: Readonly<Record<string, () => Fixture>> = {
  'unassigned and empty': () => unassigned(IPA),
  'unassigned RAM': () =>
    unassigned(IPA, ({ host, realm }) => host.demand(RMI_RTT_INIT_RIPAS, realm.rd, IPA, IPA + BLOCK)),
  'unassigned and destroyed': () =>
    unassigned(IPA, ({ host, realm }) => {
      const table = Number(host.demand(RMI_RTT_DESTROY, realm.rd, IPA, 3)[1])
      host.demand(RMI_RTT_CREATE, realm.rd, table, IPA, 3)
    }),
  'unassigned, for the host’s memory': () => unassigned(NS_IPA),
  'assigned RAM': () => withMemory(RIPAS_RAM),
  'assigned and empty': () => withMemory(RIPAS_EMPTY),
  'the host’s memory': withHostMemory,
}

const tableOf = ({ realm, ipa }: Fixture): number => entryAt(realm, ipa, 2).descriptor
const contentOf = ({ host }: Fixture, granule: number): string => {
  const { memory } = host.machine
  return Buffer.from(memory.granuleBytes(memory.granuleIndex(physicalAddressOf(granule))!)).toString('hex')
}

describe.each(Object.entries(KINDS))('a table whose entries are all %s', (_, make) => {
  test('folds into one entry, and made anew is the table it was', () => {
    const fixture = make()
    const { host, realm, ipa } = fixture
    const table = tableOf(fixture)
    const before = machineState(host)
    const content = contentOf(fixture, table)
    expect(host.demand(RMI_RTT_FOLD, realm.rd, ipa, 3)[1]).toBe(BigInt(table))
    expect(granuleAt(host, table)).toEqual({ state: 'delegated', pas: 'realm' })
    expect(contentOf(fixture, table)).toBe('00'.repeat(GRANULE_SIZE))
    host.demand(RMI_RTT_CREATE, realm.rd, table, ipa, 3)
    expect(contentOf(fixture, table)).toBe(content)
    expect(machineState(host)).toBe(before)
  })

  test('folds no more when any one entry says something else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: ENTRIES - 1 }), fc.boolean(), (page, replaced) => {
        const fixture = make()
        const { host, realm, ipa } = fixture
        makeDifferent(fixture, ipa + page * PAGE, replaced)
        const before = machineState(host)
        expect(host.status(RMI_RTT_FOLD, realm.rd, ipa, 3)).toEqual([4, 3])
        expect(machineState(host)).toBe(before)
      }),
      { numRuns: 4 },
    )
  })
})

test('memory in a row that does not begin where a block may begin stays pages', () => {
  const host = new ScriptedHost()
  const realm = host.createRealm({ activate: false })
  for (let page = 0; page < ENTRIES; page++) {
    host.demand(RMI_DATA_CREATE_UNKNOWN, realm.rd, host.delegate(MEMORY + (page + 1) * PAGE), IPA + page * PAGE)
    realm.mapUnprotected(MEMORY + (page + 1) * PAGE, NS_IPA + page * PAGE)
  }
  expect(host.status(RMI_RTT_FOLD, realm.rd, IPA, 3)).toEqual([4, 3])
  expect(host.status(RMI_RTT_FOLD, realm.rd, NS_IPA, 3)).toEqual([4, 3])
})

/** Makes one entry another than it was: without memory, or with other memory, or with the same and another right. */
function makeDifferent({ host, realm }: Fixture, ipa: number, replaced: boolean): void {
  const { state, descriptor } = entryAt(realm, ipa)
  if (realm.realm.isProtected(ipa)) {
    if (state === 'assigned') host.demand(RMI_DATA_DESTROY, realm.rd, ipa)
    if (state === 'unassigned' || replaced) host.demand(RMI_DATA_CREATE_UNKNOWN, realm.rd, host.delegated(), ipa)
    return
  }
  if (state === 'assigned') host.demand(RMI_RTT_UNMAP_UNPROTECTED, realm.rd, ipa, 3)
  const readOnly = state === 'assigned' ? descriptor - READ_WRITE + READ_ONLY : MEMORY + READ_ONLY
  if (state === 'unassigned' || replaced) host.demand(RMI_RTT_MAP_UNPROTECTED, realm.rd, ipa, 3, readOnly)
}

describe('memory that has become part of a block', () => {
  /** With a block of RAM, in a Realm that runs. */
  function blockOfRam(): Fixture & { readonly table: number } {
    const host = new ScriptedHost()
    const realm = host.createRealm()
    // Not measured: the Realm asks for it, and the host grants it.
    const rec = realm.recs[0]!
    rec.begin(function* (cpu) {
      yield* cpu.smc([RSI_IPA_STATE_SET, BigInt(IPA), BigInt(IPA + BLOCK), 1n, 0n])
    })
    host.demand(RMI_RTT_SET_RIPAS, realm.rd, rec.address, IPA, IPA + BLOCK)
    for (let page = 0; page < ENTRIES; page++) {
      host.demand(RMI_DATA_CREATE_UNKNOWN, realm.rd, host.delegate(MEMORY + page * PAGE), IPA + page * PAGE)
    }
    const table = entryAt(realm, IPA, 2).descriptor
    return { host, realm, ipa: IPA, table }
  }

  const PLACES = [0, 8, PAGE - 8, 5 * PAGE + 16, BLOCK - 8]

  test('holds for the Realm what its pages held, at every address, and after they are pages again', () => {
    const { host, realm, table } = blockOfRam()
    const read = (): unknown =>
      realm.recs[0]!.perform(function* (cpu) {
        const values: bigint[] = []
        for (const place of PLACES) values.push(yield* cpu.load64(IPA + place))
        return values
      }).value
    realm.recs[0]!.perform(function* (cpu) {
      for (const place of PLACES) yield* cpu.store64(IPA + place, BigInt(place) + 7n)
    })
    const before = read()
    expect(before).toEqual(PLACES.map((place) => BigInt(place) + 7n))
    host.demand(RMI_RTT_FOLD, realm.rd, IPA, 3)
    expect(entryAt(realm, IPA + 5 * PAGE)).toEqual({ level: 2, state: 'assigned', descriptor: MEMORY, ripas: 'ram' })
    expect(read()).toEqual(before)
    host.demand(RMI_RTT_CREATE, realm.rd, table, IPA, 3)
    expect(read()).toEqual(before)
  })

  test('is still memory of the Realm: the host can neither destroy a page of it nor take one back', () => {
    const { host, realm } = blockOfRam()
    host.demand(RMI_RTT_FOLD, realm.rd, IPA, 3)
    const page = MEMORY + 5 * PAGE
    expect(granuleAt(host, page)).toEqual({ state: 'data', pas: 'realm' })
    expect(host.smc(RMI_DATA_DESTROY, realm.rd, IPA + 5 * PAGE).slice(0, 3)).toEqual([
      0x204n,
      0n,
      BigInt(IPA + 5 * PAGE),
    ])
    expect(host.status(RMI_GRANULE_UNDELEGATE, page)).toEqual([1, 0])
    expect(host.status(RMI_DATA_CREATE_UNKNOWN, realm.rd, host.delegated(), IPA)).toEqual([4, 2])
  })

  test('is found by a call that names a page in the middle of it', () => {
    const { host, realm } = blockOfRam()
    host.demand(RMI_RTT_FOLD, realm.rd, IPA, 3)
    const ipa = IPA + 300 * PAGE
    const config = realm.recs[0]!.perform(function* (cpu) {
      const x = yield* cpu.smc([RSI_REALM_CONFIG, BigInt(ipa)])
      return { status: x[0], page: yield* cpu.load(ipa, PAGE) }
    }).value!
    expect(config.status).toBe(RSI_SUCCESS)
    expect(decodeRsiRealmConfig(config.page).ipa_width).toBe(32n)
    expect(contentOf({ host, realm, ipa }, MEMORY + 300 * PAGE)).toBe(Buffer.from(config.page).toString('hex'))
  })

  test('changes its RIPAS as a whole or not at all, and the Realm loses what it declares empty', () => {
    const { host, realm } = blockOfRam()
    host.demand(RMI_RTT_FOLD, realm.rd, IPA, 3)
    const rec = realm.recs[0]!
    const ask = (top: number) =>
      rec.begin(function* (cpu) {
        yield* cpu.smc([RSI_IPA_STATE_SET, BigInt(IPA), BigInt(top), 0n, 0n])
      })
    ask(IPA + BLOCK)
    expect(host.status(RMI_RTT_SET_RIPAS, realm.rd, rec.address, IPA, IPA + PAGE)).toEqual([4, 2])
    expect(realm.can('read', IPA + PAGE)).toBe(true)
    ask(IPA + BLOCK)
    host.demand(RMI_RTT_SET_RIPAS, realm.rd, rec.address, IPA, IPA + BLOCK)
    expect(entryAt(realm, IPA)).toEqual({ level: 2, state: 'assigned', descriptor: MEMORY, ripas: 'empty' })
    expect(realm.can('read', IPA + PAGE)).toBe(false)
  })

  test('of which a page was replaced is a block again only when the Realm has agreed to the new page', () => {
    const { host, realm, table } = blockOfRam()
    const rec = realm.recs[0]!
    const ipa = IPA + 5 * PAGE
    host.demand(RMI_RTT_FOLD, realm.rd, IPA, 3)
    host.demand(RMI_RTT_CREATE, realm.rd, table, IPA, 3)
    host.demand(RMI_DATA_DESTROY, realm.rd, ipa)
    host.demand(RMI_DATA_CREATE_UNKNOWN, realm.rd, MEMORY + 5 * PAGE, ipa)
    expect(host.status(RMI_RTT_FOLD, realm.rd, IPA, 3)).toEqual([4, 3])

    rec.begin(function* (cpu) {
      yield* cpu.smc([RSI_IPA_STATE_SET, BigInt(ipa), BigInt(ipa + PAGE), 1n, 1n])
    })
    host.demand(RMI_RTT_SET_RIPAS, realm.rd, rec.address, ipa, ipa + PAGE)
    host.demand(RMI_RTT_FOLD, realm.rd, IPA, 3)
    expect(rec.perform((cpu) => cpu.load64(ipa)).value).toBe(0n)
  })

  test('comes back to the host page by page, and nothing keeps the Realm alive', () => {
    const { host, realm, table } = blockOfRam()
    host.demand(RMI_RTT_FOLD, realm.rd, IPA, 3)
    host.demand(RMI_RTT_CREATE, realm.rd, table, IPA, 3)
    for (let page = 0; page < ENTRIES; page++) host.demand(RMI_DATA_DESTROY, realm.rd, IPA + page * PAGE)
    for (let page = 0; page < realm.ram.length; page++) host.demand(RMI_DATA_DESTROY, realm.rd, RAM + page * PAGE)
    for (const half of [0, UNPROTECTED]) {
      for (const ipa of [half, half + BLOCK]) host.demand(RMI_RTT_DESTROY, realm.rd, ipa, 3)
      host.demand(RMI_RTT_DESTROY, realm.rd, half, 2)
    }
    host.demand(RMI_REC_DESTROY, realm.recs[0]!.address)
    host.demand(RMI_REALM_DESTROY, realm.rd)
    expect(granuleAt(host, realm.rd).state).toBe('delegated')
  })
})

describe('a table full of what is too large for one entry', () => {
  test('is refused with the level above, be it tables or memory of the host’s', () => {
    const host = new ScriptedHost({ mica: false })
    const realm = new WideRealm(host, { lpa2: false, startLevel: 0, ipaBits: 48 })
    const at = (slot: number): number => slot * 2 ** 30
    host.demand(RMI_RTT_CREATE, realm.rd, host.delegated(), 0, 1)
    for (let slot = 0; slot < ENTRIES; slot++) {
      expect(host.status(RMI_RTT_FOLD, realm.rd, 0, 1)).toEqual(slot === 0 ? [0, 0] : [4, 1])
      if (slot === 0) host.demand(RMI_RTT_CREATE, realm.rd, host.delegated(), 0, 1)
      host.demand(RMI_RTT_CREATE, realm.rd, host.delegated(), at(slot), 2)
    }
    expect(host.status(RMI_RTT_FOLD, realm.rd, 0, 1)).toEqual([4, 0])
    const half = 2 ** 47
    host.demand(RMI_RTT_CREATE, realm.rd, host.delegated(), half, 1)
    for (let slot = 0; slot < ENTRIES; slot++) {
      host.demand(RMI_RTT_MAP_UNPROTECTED, realm.rd, half + at(slot), 1, at(slot) + READ_WRITE)
    }
    expect(host.status(RMI_RTT_FOLD, realm.rd, half, 1)).toEqual([4, 0])
  })
})
