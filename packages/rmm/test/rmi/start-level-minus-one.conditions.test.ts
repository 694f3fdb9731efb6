import { describe, expect, test } from 'vitest'
import {
  RMI_DATA_DESTROY,
  RMI_ERROR_INPUT,
  RMI_RTT_CREATE,
  RMI_RTT_DESTROY,
  RMI_RTT_INIT_RIPAS,
  RMI_RTT_MAP_UNPROTECTED,
  RMI_RTT_READ_ENTRY,
} from '../../src/abi/index.ts'
import { rttError, testRmi, type World } from '../conditions.ts'
import { WIDE, WideRealm } from '../rtt/wide-realm.ts'
import { smallHost } from '../small-world.ts'

/** -1 and -2 as registers hold them. */
const [MINUS_ONE, MINUS_TWO] = [2n ** 64n - 1n, 2n ** 64n - 2n]
/** What one entry of level -1 covers, where the unprotected half begins, and the end of a table of level -1. */
const ENTRY = 2 ** 48
const HALF = 2 ** 51
const END_OF_TABLE = 2 ** 57

interface WideWorld extends World {
  readonly realm: WideRealm
  /** The table of level 0 at the beginning of the protected half. */
  readonly table: bigint
}

/** A Realm of 52 bits, with one table of level -1 and one of level 0 at the beginning of each half. */
function world(args: (realm: WideRealm) => World['args']): WideWorld {
  const host = smallHost({ identification: WIDE })
  const realm = new WideRealm(host, { lpa2: true, startLevel: -1, ipaBits: 52 })
  for (const ipa of [0, HALF]) realm.withTables(ipa, 0)
  return { host, realm, table: readEntry(realm, 0, MINUS_ONE)[3]!, args: args(realm) }
}

describe('RMI_RTT_CREATE below start level -1', () => {
  testRmi(RMI_RTT_CREATE, () => world(({ rd, host }) => [rd, host.delegated(), ENTRY, 0]), [
    { name: 'level_bound: the start level', x: { 4: MINUS_ONE }, expect: [RMI_ERROR_INPUT] },
    { name: 'level_bound: above the start level', x: { 4: MINUS_TWO }, expect: [RMI_ERROR_INPUT] },
    { name: 'ipa_align: to the start level', x: { 3: ENTRY + 0x1000 }, expect: [RMI_ERROR_INPUT] },
    { name: 'ipa_bound', x: { 3: 2 ** 52 }, expect: [RMI_ERROR_INPUT] },
    { name: 'rtt_walk: no table of level 0', x: { 4: 1 }, expect: rttError(-1) },
    { name: 'rtte_state: a table of level 0', x: { 3: 0 }, expect: rttError(-1) },
    { name: 'rtt_walk: no table of level 1', x: { 3: 0, 4: 2 }, expect: rttError(0) },
  ])
})

describe('RMI_RTT_DESTROY below start level -1', () => {
  testRmi(
    RMI_RTT_DESTROY,
    () => world(({ rd }) => [rd, 0, 0]),
    [
      { name: 'level_bound: the start level', x: { 3: MINUS_ONE }, expect: [RMI_ERROR_INPUT] },
      { name: 'rtt_walk: no table of level 0', x: { 2: ENTRY, 3: 1 }, expect: rttError(-1, 0, HALF) },
    ],
    ({ table }) => [table, HALF],
  )
})

describe('RMI_DATA_DESTROY below start level -1', () => {
  test('where no table of level 0 is, the walk ends at -1, and the table far beyond the address space', () => {
    const { host, realm } = world(() => [])
    host.demand(RMI_RTT_DESTROY, realm.rd, HALF, 0)
    const x = host.smc(RMI_DATA_DESTROY, realm.rd, ENTRY)
    expect(x.slice(0, 3)).toEqual(rttError(-1, 0, END_OF_TABLE).map(BigInt))
  })
})

describe('RMI_RTT_MAP_UNPROTECTED below start level -1', () => {
  const good = () =>
    world((realm) => {
      realm.withTables(HALF, 1)
      return [realm.rd, HALF, 1, 0x4000_00d8]
    })

  testRmi(RMI_RTT_MAP_UNPROTECTED, good, [
    { name: 'level_bound: no blocks of the start level', x: { 3: MINUS_ONE }, expect: [RMI_ERROR_INPUT] },
    { name: 'level_bound: no blocks of 512 GiB', x: { 3: 0 }, expect: [RMI_ERROR_INPUT] },
    { name: 'rtt_walk: no table of level 0', x: { 2: HALF + ENTRY }, expect: rttError(-1) },
  ])

  // The descriptor of a 52-bit address has bits 51:50 of it in bits 9:8.
  test('an address of 52 bits is one for a Realm with LPA2, and comes back as it was given', () => {
    const { host, realm } = good()
    const descriptor = 0x4000_00d8n + (1n << 8n)
    host.demand(RMI_RTT_MAP_UNPROTECTED, realm.rd, HALF, 1, descriptor)
    expect(readEntry(realm, HALF, 1n).slice(0, 4)).toEqual([0n, 1n, 1n, descriptor])
  })
})

describe('RMI_RTT_INIT_RIPAS below start level -1', () => {
  testRmi(
    RMI_RTT_INIT_RIPAS,
    () => world(({ rd }) => [rd, ENTRY, 2 * ENTRY]),
    [
      { name: 'base_align: to an entry of level -1', x: { 2: ENTRY + 0x1000 }, expect: rttError(-1) },
      { name: 'no_progress: a range shorter than an entry of level 0', x: { 2: 0, 3: 0x1000 }, expect: rttError(0) },
    ],
    () => [2 * ENTRY],
  )
})

describe('RMI_RTT_READ_ENTRY below start level -1', () => {
  testRmi(
    RMI_RTT_READ_ENTRY,
    () => world(({ rd }) => [rd, ENTRY, 3]),
    [{ name: 'level_bound: above the start level', x: { 3: MINUS_TWO }, expect: [RMI_ERROR_INPUT] }],
    () => [MINUS_ONE, 0, 0, 0],
  )

  test('level -1 may be asked for', () => {
    const { realm } = world(() => [])
    expect(readEntry(realm, 0, MINUS_ONE).slice(0, 3)).toEqual([0n, MINUS_ONE, 2n])
  })
})

function readEntry({ host, rd }: WideRealm, ipa: number, level: bigint): readonly bigint[] {
  return host.smc(RMI_RTT_READ_ENTRY, rd, ipa, level)
}
