import { encodeBlob, encodePolyV1, type Peer, type Policy, RIGHT } from '@mica/policy'
import { expect, test } from 'vitest'
import { RMI_REALM_PD, RSI_UPLOAD_POLICY } from '../../src/abi/index.ts'
import { GRANULE_STATE } from '../../src/granule/state.ts'
import { PAGE, RAM, ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'

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

test('a policy that knows components by labels is refused: whoever makes an image with that label would be one', () => {
  const realm = new ScriptedHost().createRealm({ policyGranules: 1 })
  const labelled: Policy = {
    self: 0,
    peers: [{ name: 'a', gateway: false, strict: false, rims: [realm.rim] }],
    memories: [
      {
        name: 'm',
        kind: 'protected',
        granules: 1,
        mappings: [{ peer: 0, rights: RIGHT.read, ipaGranule: 0x200 }],
        paced: false,
      },
    ],
    transitions: [],
  }
  const encoded = encodePolyV1(labelled)
  if (encoded.kind === 'refused') throw new Error(encoded.facts[0]!.rule)
  expect(realm.upload(encoded.blob)).toEqual([1, 108])
})
