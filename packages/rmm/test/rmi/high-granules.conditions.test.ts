import { describe, expect, test } from 'vitest'
import {
  RMI_DATA_CREATE,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_ERROR_INPUT,
  RMI_REALM_FLAG_LPA2,
  RMI_RTT_CREATE,
} from '../../src/abi/index.ts'
import { type Condition, testRmi, type Word } from '../conditions.ts'
import { WIDE } from '../rtt/wide-realm.ts'
import type { HostOptions, ScriptedHost } from '../scripted-host.ts'
import { type RealmWorld, realmWorld } from '../small-world.ts'

/** The first address that takes more than 48 bits, in a machine whose DRAM lies on both sides of it. */
const HIGH = 2 ** 48
const AROUND: HostOptions = { identification: WIDE, dramBase: HIGH - 0x20_0000, dramSize: 0x40_0000 }

const FREE = 0x20_0000
const NO_TABLE = 0x40_0000

/** Commands that put a granule into the tables of a Realm, and good arguments but for that granule. */
const COMMANDS: readonly (readonly [string, bigint, (granule: number, host: ScriptedHost) => readonly Word[]])[] = [
  ['data_bound2 of RMI_DATA_CREATE', RMI_DATA_CREATE, (data, host) => [data, FREE, host.page(), 0]],
  ['data_bound2 of RMI_DATA_CREATE_UNKNOWN', RMI_DATA_CREATE_UNKNOWN, (data) => [data, FREE]],
  ['rtt_bound2 of RMI_RTT_CREATE', RMI_RTT_CREATE, (rtt) => [rtt, NO_TABLE, 3]],
]

describe.each(COMMANDS)('%s', (_, fid, rest) => {
  const good = (flags = 0n): RealmWorld =>
    realmWorld({ activate: false, params: { flags } }, ({ rd }, host) => [rd, ...rest(host.delegated(), host)], AROUND)
  const high: Condition<RealmWorld> = {
    name: 'a granule whose address takes more than 48 bits, for a Realm without LPA2',
    x: { 2: ({ host }) => host.delegate(HIGH) },
    expect: [RMI_ERROR_INPUT],
  }
  testRmi(fid, () => good(), [high])

  test('a Realm with LPA2 may have such a granule', () => {
    const { host, realm } = good(RMI_REALM_FLAG_LPA2)
    expect(host.status(fid, realm.rd, ...rest(host.delegate(HIGH), host))).toEqual([0, 0])
  })
})
