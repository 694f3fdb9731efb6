import { decodeBlob } from '@mica/policy'
import { describe, expect, test } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import {
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_CREATE_UNKNOWN_SHARED,
  RMI_DATA_DESTROY,
  RMI_DATA_DESTROY_SHARED,
  RMI_GRANULE_DELEGATE,
  RMI_GRANULE_UNDELEGATE,
  RMI_REALM_DESTROY,
  RMI_REALM_PD,
  RMI_RTT_DESTROY,
  RMI_RTT_MAP_UNPROTECTED,
  RMI_RTT_READ_ENTRY,
  RMI_SGT_DESTROY,
} from '../../src/abi/index.ts'
import { at, CLEAN, CODED, NIC_IPA, Pipeline, RAW } from '../mica/pipeline.ts'
import { PAGE, RAM, ScriptedHost } from '../scripted-host.ts'

const INPUT = [1, 0]
const REALM = [2, 0]
const RTT_3 = [4, 3]

test('a fourth Realm that the host maps onto a channel gets no access, and the members keep theirs', () => {
  const pipeline = new Pipeline().uploadAll()
  const before = pipeline.access()
  const stranger = pipeline.host.createRealm({ image: 4, policyGranules: 1 })
  stranger.mapShared(pipeline.raw, at(RAW))
  for (const access of ['read', 'write', 'fetch'] as const) expect(stranger.can(access, at(RAW))).toBe(false)
  expect(pipeline.access()).toEqual(before)
})

test('a fourth Realm that uploads a policy of a member is refused: its measurement is another', () => {
  const pipeline = new Pipeline().uploadAll()
  const stranger = pipeline.host.createRealm({ image: 4, policyGranules: 1 })
  stranger.mapShared(pipeline.raw, at(RAW))
  stranger.mapShared(pipeline.coded, at(CODED))
  expect(stranger.upload(pipeline.blob('encoder'))).toEqual([1, 30])
  expect(stranger.can('read', at(RAW))).toBe(false)
})

test('a fourth Realm that names only absent peers is refused on occupied granules', () => {
  const pipeline = new Pipeline().uploadAll()
  const stranger = pipeline.host.createRealm({ image: 4, policyGranules: 1 })
  stranger.mapShared(pipeline.raw, at(RAW))
  const blob = pipeline.blob('encoder', (parts) => {
    const absent = new Uint8Array(32).fill(0xee)
    parts.self = 0
    parts.peers = [
      { name: 'stranger', gateway: false, strict: false, rims: [stranger.rim] },
      { name: 'friend', gateway: false, strict: false, rims: [absent] },
    ]
    parts.memories = [parts.memories[0]!]
  })
  expect(stranger.upload(blob)).toEqual([1, 40])
  expect(stranger.can('write', at(RAW))).toBe(false)
})

test('a second Realm of the same image does not get the place that the first holds', () => {
  const pipeline = new Pipeline().uploadAll()
  const twin = pipeline.host.createRealm({ image: 2, policyGranules: 1 })
  expect(twin.rim).toEqual(pipeline.realms.encoder.rim)
  twin.mapShared(pipeline.raw, at(RAW))
  twin.mapShared(pipeline.coded, at(CODED))
  const [status] = twin.upload(pipeline.blob('encoder'))
  expect(status).toBe(1)
  expect(twin.can('read', at(RAW))).toBe(false)
})

test('channels whose granules the host has swapped are not opened', () => {
  const pipeline = new Pipeline(new ScriptedHost())
  const { host, realms } = pipeline
  for (const page of [0, 1]) host.demand(RMI_DATA_DESTROY_SHARED, realms.encoder.rd, at(RAW + page))
  realms.encoder.mapShared([...pipeline.raw].reverse(), at(RAW))
  pipeline.upload('gate')
  expect(pipeline.upload('encoder')).toEqual([1, 106])
  expect(realms.encoder.can('read', at(RAW))).toBe(false)
})

test('a granule that the host maps twice into one Realm is refused', () => {
  const pipeline = new Pipeline()
  const { host, realms } = pipeline
  host.demand(RMI_DATA_DESTROY_SHARED, realms.encoder.rd, at(CODED))
  realms.encoder.mapShared([pipeline.raw[0]!], at(CODED))
  expect(pipeline.upload('encoder')).toEqual([1, 105])
})

describe('after the upload the host can not', () => {
  const pipeline = new Pipeline().uploadAll()
  const { host, realms } = pipeline
  const { encoder, moderator } = realms

  const refuses = (name: string, attack: () => readonly [number, number], expected: readonly number[]): void => {
    test(name, () => {
      const before = machineState(host)
      expect(attack()).toEqual(expected)
      expect(machineState(host)).toBe(before)
    })
  }

  const page = host.page()
  const spare = host.delegated()
  refuses('give a Realm more memory for policies', () => host.status(RMI_REALM_PD, encoder.rd, spare), REALM)
  refuses(
    'map more shared memory',
    () => host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, encoder.rd, pipeline.clean[0]!, at(CLEAN)),
    REALM,
  )
  refuses('remap its memory into a Realm that is no gateway', () => encoder.mapUnprotected(page, NIC_IPA), INPUT)
  refuses(
    'map its memory as a block over what a gateway lists',
    () => host.status(RMI_RTT_MAP_UNPROTECTED, realms.gate.rd, NIC_IPA - (NIC_IPA % 0x20_0000), 2, 0x8000_00d8),
    INPUT,
  )
  refuses('undelegate a shared granule', () => host.status(RMI_GRANULE_UNDELEGATE, pipeline.raw[0]!), INPUT)
  refuses('delegate a shared granule again', () => host.status(RMI_GRANULE_DELEGATE, pipeline.raw[0]!), INPUT)
  refuses(
    'give a shared granule to a Realm as its own',
    () => host.status(RMI_DATA_CREATE_UNKNOWN, moderator.rd, pipeline.raw[0]!, at(0x180)),
    INPUT,
  )
  refuses(
    'take a shared granule out as if it were the Realm’s own',
    () => host.status(RMI_DATA_DESTROY, encoder.rd, at(RAW)),
    RTT_3,
  )
  refuses('destroy a table that holds a channel', () => host.status(RMI_RTT_DESTROY, encoder.rd, at(RAW), 3), RTT_3)
  refuses(
    'put another granule over a channel',
    () => host.status(RMI_DATA_CREATE_UNKNOWN, encoder.rd, spare, at(RAW)),
    RTT_3,
  )
  refuses('destroy a Realm that still has shared memory', () => host.status(RMI_REALM_DESTROY, encoder.rd), REALM)
})

test('the host learns of a shared mapping what it put there, and nothing of rights', () => {
  const pipeline = new Pipeline().uploadAll()
  const { host, realms } = pipeline
  const [, level, state, address, ripas] = host.smc(RMI_RTT_READ_ENTRY, realms.gate.rd, at(RAW), 3)
  expect([level, state, address, ripas]).toEqual([3n, 1n, BigInt(pipeline.raw[0]!), 0n])
})

test('a shared granule that the host takes away ends the access to the whole memory, and nothing takes its place', () => {
  const pipeline = new Pipeline().uploadAll()
  const { host, realms } = pipeline
  realms.gate.perform((cpu) => cpu.store(at(RAW), new Uint8Array(8).fill(1)))
  host.demand(RMI_DATA_DESTROY_SHARED, realms.encoder.rd, at(RAW + 1))
  expect(realms.encoder.can('read', at(RAW))).toBe(false)
  expect(pipeline.access()).toMatchObject({ 'gate raw': 'write', 'encoder coded': 'write' })
  const spare = host.delegated()
  expect(host.status(RMI_DATA_CREATE_UNKNOWN, realms.encoder.rd, spare, at(RAW + 1))).toEqual(RTT_3)
})

test('what a member left behind is zeroed before another takes its place', () => {
  const pipeline = new Pipeline().uploadAll()
  const { host, realms } = pipeline
  realms.gate.perform((cpu) => cpu.store(at(RAW), new Uint8Array(8).fill(1)))
  host.demand(RMI_DATA_DESTROY_SHARED, realms.encoder.rd, at(RAW))
  for (const granule of [at(CODED), at(CODED + 1), at(RAW + 1)])
    host.demand(RMI_DATA_DESTROY_SHARED, realms.encoder.rd, granule)
  const successor = host.createRealm({ image: 2, policyGranules: 1 })
  successor.mapShared(pipeline.raw, at(RAW))
  successor.mapShared(pipeline.coded, at(CODED))
  expect(successor.upload(pipeline.blob('encoder'))).toEqual([0, 0])
  expect(successor.perform((cpu) => cpu.load(at(RAW), 8)).value).toEqual(new Uint8Array(8))
  expect(successor.perform((cpu) => cpu.load(at(RAW), 8)).value).toEqual(new Uint8Array(8))
})

test('a shared granule is zeroed and usable again when its last mapping goes', () => {
  const pipeline = new Pipeline().uploadAll()
  const { host, realms } = pipeline
  realms.gate.perform((cpu) => cpu.store(at(RAW), new Uint8Array(8).fill(1)))
  for (const realm of [realms.gate, realms.encoder]) host.demand(RMI_DATA_DESTROY_SHARED, realm.rd, at(RAW))
  host.demand(RMI_GRANULE_UNDELEGATE, pipeline.raw[0]!)
  const { memory } = host.machine
  expect(memory.read('non-secure', memory.addressOf((pipeline.raw[0]! - memory.base) / PAGE), 8)).toEqual(
    new Uint8Array(8),
  )
})

test('a granule of the shared granule table is not given back while it holds records', () => {
  const host = new ScriptedHost()
  const sgt = host.addSharedGranuleTable()
  const realm = host.createRealm()
  expect(host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, realm.rd, host.delegated(), at(RAW))).toEqual([0, 0])
  expect(host.status(RMI_SGT_DESTROY, sgt)).toEqual(INPUT)
  host.demand(RMI_DATA_DESTROY_SHARED, realm.rd, at(RAW))
  expect(host.status(RMI_SGT_DESTROY, sgt)).toEqual([0, 0])
})

test('declared RAM never becomes a channel', () => {
  const host = new ScriptedHost()
  host.addSharedGranuleTable()
  const realm = host.createRealm()
  host.demand(RMI_DATA_DESTROY, realm.rd, RAM + 8 * PAGE)
  expect(host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, realm.rd, host.delegated(), RAM + 8 * PAGE)).toEqual(RTT_3)
})

test('a blob in which the host changes one bit is refused, unless that bit is in the name of a peer', () => {
  const blob = new Pipeline().blob('encoder')
  const said = meaning(blob)
  for (let offset = 0; offset < blob.length; offset += 5) {
    const pipeline = new Pipeline()
    pipeline.uploadAll(['gate', 'moderator'])
    const tampered = Uint8Array.from(blob)
    tampered[offset]! ^= 0x01
    if (pipeline.realms.encoder.upload(tampered)[0] !== 1) expect(meaning(tampered), `byte ${offset}`).toBe(said)
  }
})

/** What a blob says, without the labels that its peers have in it. */
function meaning(blob: Uint8Array): string {
  const decoding = decodeBlob(blob)
  if (decoding.kind === 'refused') return decoding.fact.rule
  const { policy } = decoding
  return JSON.stringify({ ...policy, peers: policy.peers.map((peer) => ({ ...peer, name: '' })) })
}

test('after eight refusals nothing is looked at any more', () => {
  const pipeline = new Pipeline()
  const wrong = pipeline.blob('gate')
  for (let i = 0; i < 8; i++) expect(pipeline.realms.encoder.upload(wrong)).toEqual([1, 30])
  expect(pipeline.upload('encoder')).toEqual([2, 0])
})
