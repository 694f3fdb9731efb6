import { DEFAULT_LIMITS, encodeBlob, type Peer, type Policy, type PolicyLimits } from '@mica/policy'
import { expect, test } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import {
  RMI_DATA_DESTROY,
  RMI_EXIT_RIPAS_CHANGE,
  RMI_EXIT_SYNC,
  RMI_REALM_PD,
  RSI_IPA_STATE_SET,
  RSI_UPLOAD_POLICY,
} from '../../src/abi/index.ts'
import { GRANULE_STATE } from '../../src/granule/state.ts'
import { PAGE, RAM, ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'
import { labelled } from './labelled.ts'

/** A machine with one Realm, that has room for a policy. */
function lonely() {
  const host = new ScriptedHost()
  return { host, realm: host.createRealm({ policyGranules: 1 }) }
}

/** A policy of a Realm that shares nothing, and knows so many others. */
function acquainted(realm: ScriptedRealm, others: number): Policy {
  const peer = (name: string, rim: Uint8Array): Peer => ({ name, gateway: false, strict: true, rims: [rim] })
  const strangers = Array.from({ length: others }, (_, i) => peer(`p${i}`, new Uint8Array(32).fill(i, 0, 8).fill(1, 8)))
  return { self: 0, peers: [peer('self', realm.rim), ...strangers], memories: [], transitions: [] }
}

test('a policy of several pages is taken as a whole, and kept in as many granules', () => {
  const host = new ScriptedHost()
  const realm = host.createRealm({ policyGranules: 3 })
  const blob = encodeBlob(acquainted(realm, 230))
  expect(Math.ceil(blob.length / PAGE)).toBe(3)
  expect(realm.upload(blob)).toEqual([0, 0])
  const { memory } = host.machine
  const { granules } = host.rmm.monitor
  const all = Array.from({ length: memory.granules }, (_, granule) => granule)
  const pds = all.filter((granule) => granules.state(granule) === GRANULE_STATE.pd)
  const kept = Buffer.concat(pds.map((granule) => memory.granuleBytes(granule)))
  expect(kept.subarray(0, blob.length).equals(blob)).toBe(true)
  expect(kept.subarray(blob.length).every((byte) => byte === 0)).toBe(true)
})

test('a policy longer than its granules is refused, and fits once there is one more', () => {
  const host = new ScriptedHost()
  const realm = host.createRealm({ policyGranules: 2 })
  const blob = encodeBlob(acquainted(realm, 230))
  expect(realm.upload(blob)).toEqual([1, 100])
  host.demand(RMI_REALM_PD, realm.rd, host.delegated())
  expect(realm.upload(blob)).toEqual([0, 0])
})

test('a policy that fills its granule to the last byte is taken', () => {
  const realm = new ScriptedHost().createRealm({ policyGranules: 1 })
  const { peers, ...rest } = acquainted(realm, 101)
  const [self, first, ...others] = peers
  const named = (name: string) => encodeBlob({ ...rest, peers: [self!, { ...first!, name }, ...others] })
  const blob = named('x'.repeat(1 + PAGE - named('x').length))
  expect(blob.length).toBe(PAGE)
  expect(realm.upload(blob)).toEqual([0, 0])
})

test('a policy of the longest length is looked at, and may end where memory ends', () => {
  const realm = new ScriptedHost().createRealm({ policyGranules: 1 })
  expect(realm.call(RSI_UPLOAD_POLICY, RAM, 65_536)[1]).toBeGreaterThan(1n)
  expect(realm.call(RSI_UPLOAD_POLICY, RAM + 23 * PAGE, 0)[1]).toBeGreaterThan(1n)
  expect(realm.call(RSI_UPLOAD_POLICY, RAM + 23 * PAGE, PAGE + 1).slice(0, 2)).toEqual([1n, 0n])
})

test('a policy in memory that the host has taken is an exit with the page, and no refusal', () => {
  const { host, realm } = lonely()
  host.demand(RMI_DATA_DESTROY, realm.rd, RAM + 5 * PAGE)
  const exit = realm.begin((cpu) => cpu.smc([RSI_UPLOAD_POLICY, BigInt(RAM + 4 * PAGE), BigInt(2 * PAGE)]))
  expect(exit).toMatchObject({ exit_reason: RMI_EXIT_SYNC, hpfar: BigInt((RAM + 5 * PAGE) / 0x1000) << 4n })
})

test('requests of other Realms are no obstacle to an upload', () => {
  const { host, realm } = lonely()
  const other = host.createRealm({ image: 5 })
  const asked = other.begin((cpu) => cpu.smc([RSI_IPA_STATE_SET, BigInt(RAM), BigInt(RAM + PAGE), 0n, 0n]))
  expect(asked).toMatchObject({ exit_reason: RMI_EXIT_RIPAS_CHANGE })
  expect(realm.upload(encodeBlob(acquainted(realm, 1)))).toEqual([0, 0])
})

test('a policy over the limit is refused before it is looked at, however long it says that it is', () => {
  const realm = new ScriptedHost().createRealm({ policyGranules: 1 })
  for (const length of [65_537n, 2n ** 32n, 2n ** 64n - 1n]) {
    expect(realm.call(RSI_UPLOAD_POLICY, RAM, length).slice(0, 2)).toEqual([1n, 1n])
  }
})

test('after as many refusals as the limit says no policy is looked at any more, not even a good one', () => {
  for (const refusals of [1, 8]) {
    const host = new ScriptedHost({ limits: { refusals } })
    const realm = host.createRealm({ policyGranules: 1 })
    for (let i = 0; i < refusals; i++) expect(realm.upload(new Uint8Array(9))[0]).toBe(1)
    expect(realm.upload(encodeBlob(acquainted(realm, 1)))).toEqual([2, 0])
  }
})

test('how large a policy may be is configuration: of format 2, of v1, and of the granules that hold it', () => {
  const limited = (policy: Partial<PolicyLimits>) => {
    const host = new ScriptedHost({ limits: { policy: { ...DEFAULT_LIMITS, ...policy } } })
    return { host, realm: host.createRealm({ policyGranules: 1 }) }
  }
  const { realm } = limited({ peers: 2 })
  const overLimit = realm.upload(encodeBlob(acquainted(realm, 2)))
  expect(overLimit[0]).toBe(1)
  expect(limited({ peers: 1 }).realm.upload(labelled('left'))).toEqual(overLimit)
  expect(realm.upload(encodeBlob(acquainted(realm, 1)))).toEqual([0, 0])

  const short = limited({ blobBytes: PAGE + 1 })
  expect(short.realm.call(RSI_UPLOAD_POLICY, RAM, PAGE + 2).slice(0, 2)).toEqual([1n, 1n])
  const give = ({ host, realm }: typeof short) => host.status(RMI_REALM_PD, realm.rd, host.delegated())[0]
  expect([give(short), give(short)]).toEqual([0, 2])
  // Each has one granule already, which holds a policy of a page to the last byte.
  expect(give(limited({ blobBytes: PAGE }))).toBe(2)
})

test('no monitor takes policies that readers of reports do not', () => {
  for (const [what, most] of Object.entries(DEFAULT_LIMITS)) {
    const policy = { ...DEFAULT_LIMITS, [what]: most + 1 }
    expect(() => new ScriptedHost({ limits: { policy } })).toThrow(RangeError)
  }
})

test('an upload from where the Realm has no memory leaves no trace at all', () => {
  const host = new ScriptedHost()
  const realm = host.createRealm()
  realm.perform((cpu) => cpu.wfi())
  const before = machineState(host, /\.guest\./)
  expect(realm.call(RSI_UPLOAD_POLICY, 2 ** 31, PAGE).slice(0, 2)).toEqual([1n, 0n])
  expect(machineState(host, /\.guest\./)).toBe(before)
})
