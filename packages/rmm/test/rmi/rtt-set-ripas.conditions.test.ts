import { describe, expect, test } from 'vitest'
import {
  RIPAS_EMPTY,
  RIPAS_RAM,
  RMI_DATA_DESTROY,
  RMI_ERROR_INPUT,
  RMI_ERROR_REC,
  RMI_RTT_SET_RIPAS,
  RSI_IPA_STATE_SET,
} from '../../src/abi/index.ts'
import { granuleConditions, HOST_PAGE, rttError, testRmi, type Word } from '../conditions.ts'
import { PAGE, RAM, type ScriptedRealm } from '../scripted-host.ts'
import { entryAt, type RealmWorld, rdConditions, realmWorld, whileRunning } from '../small-world.ts'

const BLOCK = 0x20_0000
/** Four pages of a table of level 3 that holds nothing. */
const [BASE, TOP] = [BLOCK, BLOCK + 4 * PAGE]
/** RsiRipasChangeFlags: whether destroyed memory may be changed too. */
const [NO_CHANGE_DESTROYED, CHANGE_DESTROYED] = [0, 1]

interface Request {
  base: number
  top: number
  ripas: number
  flags: number
}

interface SetWorld extends RealmWorld {
  /** What the Realm asks for before the call. */
  readonly members: Request & Record<string, unknown>
  readonly other: ScriptedRealm
  readonly finish: () => void
  readonly args: readonly Word[]
}

function world(): SetWorld {
  const made = realmWorld({}, () => [])
  const { host, realm } = made
  const other = host.createRealm({ ramPages: 1 })
  const members: SetWorld['members'] = { base: BASE, top: TOP, ripas: RIPAS_RAM, flags: NO_CHANGE_DESTROYED }
  return {
    ...made,
    other,
    members,
    finish: () => askFor(realm, members),
    get args() {
      return [realm.rd, realm.rec, members.base, members.top]
    },
  }
}

function askFor(realm: ScriptedRealm, { base, top, ripas, flags }: Request): void {
  realm.begin((cpu) => cpu.smc([RSI_IPA_STATE_SET, ...[base, top, ripas, flags].map(BigInt)]))
}

/** A world in which the Realm has asked for something else. */
function asked(change: Partial<Request>): SetWorld {
  const made = world()
  Object.assign(made.members, change)
  made.finish()
  return made
}

describe('RMI_RTT_SET_RIPAS', () => {
  testRmi(
    RMI_RTT_SET_RIPAS,
    world,
    [
      { name: 'size_valid: empty', x: { 4: BASE }, expect: [RMI_ERROR_INPUT] },
      { name: 'size_valid: backwards', x: { 4: BASE - PAGE }, expect: [RMI_ERROR_INPUT] },
      ...rdConditions,
      ...granuleConditions<SetWorld>(2, 'rec', {
        'the host’s': HOST_PAGE,
        'delegated only': ({ spare }) => spare,
        'an RD': ({ realm }) => realm.rd,
      }),
      { name: 'rec_state: running', moment: whileRunning, expect: [RMI_ERROR_REC] },
      { name: 'rec_owner: another Realm', x: { 1: ({ other }) => other.rd }, expect: [RMI_ERROR_REC] },
      { name: 'base_bound: not where the request goes on', x: { 3: BASE + PAGE }, expect: [RMI_ERROR_INPUT] },
      { name: 'base_bound: before the request', x: { 3: BASE - PAGE }, expect: [RMI_ERROR_INPUT] },
      { name: 'base_bound: unaligned', x: { 3: BASE + 8 }, expect: [RMI_ERROR_INPUT] },
      { name: 'top_bound: beyond the request', x: { 4: TOP + PAGE }, expect: [RMI_ERROR_INPUT] },
      {
        name: 'base_align: to the entry reached',
        members: { base: 2 * BLOCK + PAGE, top: 4 * BLOCK },
        expect: rttError(2),
      },
      // The text excuses an entry that has the RIPAS already (base_align, no_progress); the recorded firmware does not.
      {
        name: 'base_align: though nothing is to be changed',
        members: { base: 2 * BLOCK + PAGE, top: 4 * BLOCK, ripas: RIPAS_EMPTY },
        expect: rttError(2),
      },
      {
        name: 'no_progress: a range shorter than the entry',
        members: { base: 2 * BLOCK, top: 2 * BLOCK + PAGE },
        expect: rttError(2),
      },
      // The text refuses a top that is not aligned (top_gran_align); to the recorded firmware it is a short range.
      {
        name: 'no_progress: a range shorter than a page',
        x: { 4: ({ members }) => members.base + 8 },
        expect: rttError(3),
      },
      {
        name: 'no_progress: destroyed, and not to be changed',
        members: { base: RAM, top: RAM + PAGE },
        arrange: ({ host, realm }) => void host.demand(RMI_DATA_DESTROY, realm.rd, RAM),
        expect: rttError(3),
      },
    ],
    () => [TOP],
  )

  test('a REC that has asked for nothing is an input error', () => {
    const { host, realm } = world()
    expect(host.status(RMI_RTT_SET_RIPAS, realm.rd, realm.rec, BASE, TOP)).toEqual([RMI_ERROR_INPUT, 0])
  })

  test('a range is no less one for being far away: who owns the REC comes first', () => {
    const { host, realm, other } = world()
    const far = 2n ** 60n
    expect(host.status(RMI_RTT_SET_RIPAS, realm.rd, other.rec, far, far + 1n)).toEqual([RMI_ERROR_REC, 0])
    expect(host.status(RMI_RTT_SET_RIPAS, realm.rd, other.rec, far, far)).toEqual([RMI_ERROR_INPUT, 0])
  })

  test('the range has the RIPAS that the Realm asked for, and what follows has not', () => {
    const { host, realm, args } = asked({})
    host.demand(RMI_RTT_SET_RIPAS, ...args)
    const ripas = [BASE - PAGE, BASE, TOP - PAGE, TOP].map((ipa) => entryAt(realm, ipa).ripas)
    expect(ripas).toEqual(['empty', 'ram', 'ram', 'empty'])
  })

  test('memory that becomes empty stays assigned, and the Realm reaches it no more', () => {
    const { host, realm, args } = asked({ base: RAM, top: RAM + PAGE, ripas: RIPAS_EMPTY })
    host.demand(RMI_RTT_SET_RIPAS, ...args)
    expect(entryAt(realm, RAM)).toMatchObject({ state: 'assigned', descriptor: realm.ram[0]!, ripas: 'empty' })
    realm.enter()
    expect(realm.can('read', RAM)).toBe(false)
    expect(realm.can('read', RAM + PAGE)).toBe(true)
  })

  test('the host may go step by step: the next begins where the last ended', () => {
    const { host, realm } = asked({})
    const middle = BASE + PAGE
    expect(host.demand(RMI_RTT_SET_RIPAS, realm.rd, realm.rec, BASE, middle)[1]).toBe(BigInt(middle))
    expect(host.status(RMI_RTT_SET_RIPAS, realm.rd, realm.rec, BASE, middle)).toEqual([RMI_ERROR_INPUT, 0])
    expect(host.demand(RMI_RTT_SET_RIPAS, realm.rd, realm.rec, middle, TOP)[1]).toBe(BigInt(TOP))
  })

  test('a larger entry is set as a whole, as far as the range goes', () => {
    const { host, realm, args } = asked({ base: 2 * BLOCK, top: 4 * BLOCK - PAGE })
    expect(host.demand(RMI_RTT_SET_RIPAS, ...args)[1]).toBe(BigInt(3 * BLOCK))
    expect(entryAt(realm, 2 * BLOCK)).toMatchObject({ level: 2, ripas: 'ram' })
    expect(entryAt(realm, 3 * BLOCK)).toMatchObject({ level: 2, ripas: 'empty' })
  })

  test('it stops at the end of a table', () => {
    const { host, args } = asked({ base: 2 * BLOCK - PAGE, top: 3 * BLOCK })
    expect(host.demand(RMI_RTT_SET_RIPAS, ...args)[1]).toBe(BigInt(2 * BLOCK))
  })

  test('it stops at a table', () => {
    const { host, realm, args } = asked({ base: 2 * BLOCK, top: 4 * BLOCK })
    realm.addTable(3 * BLOCK, 3)
    expect(host.demand(RMI_RTT_SET_RIPAS, ...args)[1]).toBe(BigInt(3 * BLOCK))
    expect(entryAt(realm, 3 * BLOCK)).toMatchObject({ level: 3, ripas: 'empty' })
  })

  test('it stops before what was destroyed', () => {
    const { host, realm, args } = asked({ base: RAM, top: RAM + 2 * PAGE })
    host.demand(RMI_DATA_DESTROY, realm.rd, RAM + PAGE)
    expect(host.demand(RMI_RTT_SET_RIPAS, ...args)[1]).toBe(BigInt(RAM + PAGE))
    expect(entryAt(realm, RAM + PAGE).ripas).toBe('destroyed')
  })

  test('what was destroyed is changed if the Realm has agreed', () => {
    const { host, realm, args } = asked({ base: RAM, top: RAM + 2 * PAGE, flags: CHANGE_DESTROYED })
    host.demand(RMI_DATA_DESTROY, realm.rd, RAM)
    expect(host.demand(RMI_RTT_SET_RIPAS, ...args)[1]).toBe(BigInt(RAM + 2 * PAGE))
    expect(entryAt(realm, RAM)).toMatchObject({ state: 'unassigned', ripas: 'ram' })
  })

  // RsiRipasChangeFlags has one bit in the text; the recorded firmware compares 32 bits of the register with 1.
  test.each([2, 3])('flags of %d are reserved, and change nothing that was destroyed', (flags) => {
    const { host, realm, args } = asked({ base: RAM, top: RAM + PAGE, flags })
    host.demand(RMI_DATA_DESTROY, realm.rd, RAM)
    expect(host.status(RMI_RTT_SET_RIPAS, ...args)).toEqual([4, 3])
  })

  test('the request ends when the REC is entered', () => {
    const { host, realm, args } = asked({})
    realm.enter()
    expect(host.status(RMI_RTT_SET_RIPAS, ...args)).toEqual([RMI_ERROR_INPUT, 0])
  })

  test('the measurement is what it was', () => {
    const { host, realm, args } = asked({})
    const { rim } = realm
    host.demand(RMI_RTT_SET_RIPAS, ...args)
    expect(realm.rim).toEqual(rim)
  })
})
