import { describe, expect, test } from 'vitest'
import {
  RMI_DATA_CREATE_UNKNOWN_SHARED,
  RMI_DATA_DESTROY_SHARED,
  RMI_MICA_VERSION,
  RMI_REALM_FLAG_LPA2,
  RMI_REALM_PD,
  RMI_RTT_SET_RIPAS,
  RMI_SGT,
  RMI_SGT_DESTROY,
  RSI_IPA_STATE_SET,
  RSI_MICA_VERSION,
  RSI_UPLOAD_POLICY,
} from '../../src/abi/index.ts'
import { rttError, testRmi, type World } from '../conditions.ts'
import { WIDE } from '../rtt/wide-realm.ts'
import { PAGE, RAM, ScriptedHost, UNPROTECTED } from '../scripted-host.ts'
import { at, Pipeline, RAW } from './pipeline.ts'

const UNKNOWN = 2n ** 64n - 1n

/** A machine with a Realm, and one with the pipeline's policies to take the place of its rd. */
function world(...rest: readonly number[]): World {
  const pipeline = new Pipeline().uploadAll()
  const realm = pipeline.host.createRealm()
  return { host: pipeline.host, args: [realm.rd, pipeline.host.delegated(), ...rest] }
}

/** The gate of that pipeline: the first Realm that was made. */
const withPolicy = 0x8010_1000

describe('RMI_REALM_PD', () => {
  testRmi(RMI_REALM_PD, world, [
    { name: 'granule not delegated', x: { 2: 0x8000_0000 }, expect: [1] },
    { name: 'no Realm at rd', x: { 1: 0x8000_0000 }, expect: [1] },
    { name: 'Realm has a policy', x: { 1: withPolicy }, expect: [2] },
  ])
})

describe('RMI_DATA_CREATE_UNKNOWN_SHARED', () => {
  testRmi(RMI_DATA_CREATE_UNKNOWN_SHARED, () => world(at(RAW)), [
    { name: 'granule neither delegated nor shared', x: { 2: 0x8000_0000 }, expect: [1] },
    { name: 'no Realm at rd', x: { 1: 0x8000_0000 }, expect: [1] },
    { name: 'Realm has a policy', x: { 1: withPolicy }, expect: [2] },
    { name: 'address unaligned', x: { 3: at(RAW) + 1 }, expect: [1] },
    { name: 'address unprotected', x: { 3: UNPROTECTED }, expect: [1] },
    { name: 'no table', x: { 3: 0x4000_0000 }, expect: rttError(1) },
    { name: 'memory of the Realm there', x: { 3: RAM }, expect: rttError(3) },
  ])

  test('fails when the shared granule table has no room', () => {
    const host = new ScriptedHost()
    const realm = host.createRealm()
    expect(host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, realm.rd, host.delegated(), at(RAW))).toEqual([1, 0])
  })
})

test('a full shared granule table takes no other granule, more mappings of its own, and one for each that goes', () => {
  const host = new ScriptedHost()
  host.addSharedGranuleTable()
  const [first, second] = [host.createRealm(), host.createRealm()]
  const [granule, ...others] = host.share(512, [first, at(RAW)])
  const map = (rd: number, data: number) => host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, rd, data, at(RAW))
  const other = host.delegated()
  expect(map(second.rd, other)).toEqual([1, 0])
  expect(map(second.rd, granule!)).toEqual([0, 0])
  host.demand(RMI_DATA_DESTROY_SHARED, second.rd, at(RAW))
  expect(map(second.rd, other)).toEqual([1, 0])
  host.demand(RMI_DATA_DESTROY_SHARED, first.rd, at(RAW + others.length))
  expect(map(second.rd, other)).toEqual([0, 0])
})

test('memory that a Realm has declared empty, and that the host has not taken out, is in the way of shared memory', () => {
  const host = new ScriptedHost()
  host.addSharedGranuleTable()
  const { rd, recs } = host.createRealm()
  recs[0]!.begin((cpu) => cpu.smc([RSI_IPA_STATE_SET, BigInt(RAM), BigInt(RAM + PAGE), 0n, 0n]))
  host.demand(RMI_RTT_SET_RIPAS, rd, recs[0]!.address, RAM, RAM + PAGE)
  expect(host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, rd, host.delegated(), RAM)).toEqual([4, 3])
})

test('a granule whose address takes more than 48 bits is shared with Realms that have so many, and no others', () => {
  for (const [flags, status] of [
    [0n, 1],
    [RMI_REALM_FLAG_LPA2, 0],
  ] as const) {
    const host = new ScriptedHost({ identification: WIDE, dramBase: 2 ** 48 - 0x20_0000, dramSize: 0x40_0000 })
    host.addSharedGranuleTable()
    const { rd } = host.createRealm({ params: { flags } })
    expect(host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, rd, host.delegate(2 ** 48), at(RAW))).toEqual([status, 0])
  }
})

describe('RMI_DATA_DESTROY_SHARED', () => {
  const good = (): World & { readonly pipeline: Pipeline } => {
    const pipeline = new Pipeline().uploadAll()
    return { pipeline, host: pipeline.host, args: [pipeline.realms.gate.rd, at(RAW)] }
  }
  testRmi(
    RMI_DATA_DESTROY_SHARED,
    good,
    [
      { name: 'no Realm at rd', x: { 1: 0x8000_0000 }, expect: [1] },
      { name: 'address unaligned', x: { 2: at(RAW) + 1 }, expect: [1] },
      { name: 'no table', x: { 2: 0x4000_0000 }, expect: rttError(1, 0, 2 ** 31) },
      { name: 'memory of the Realm’s own', x: { 2: RAM }, expect: rttError(3, 0, RAM) },
      { name: 'nothing there', x: { 2: at(RAW + 100) }, expect: rttError(3, 0, at(2 * 0x200)) },
    ],
    ({ pipeline }) => [pipeline.raw[0]!, at(RAW + 1)],
  )
})

test('without the extension every one of its functions is unknown', () => {
  const host = new ScriptedHost({ mica: false })
  const realm = host.createRealm()
  for (const fid of [RMI_MICA_VERSION, RMI_REALM_PD, RMI_SGT, RMI_SGT_DESTROY, RMI_DATA_CREATE_UNKNOWN_SHARED]) {
    expect(host.smc(fid, realm.rd, host.delegated())[0]).toBe(UNKNOWN)
  }
  for (const fid of [RSI_MICA_VERSION, RSI_UPLOAD_POLICY]) expect(realm.call(fid, RAM, PAGE)[0]).toBe(UNKNOWN)
})

test('the extension says which version it is, to the host and to Realms', () => {
  const host = new ScriptedHost()
  expect(host.smc(RMI_MICA_VERSION, 0x1_0000).slice(0, 3)).toEqual([0n, 0x1_0000n, 0x1_0000n])
  expect(host.createRealm().call(RSI_MICA_VERSION, 0x1_0000).slice(0, 3)).toEqual([0n, 0x1_0000n, 0x1_0000n])
})
