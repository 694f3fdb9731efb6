import { MEASURE, RIGHT, type Rights, ruleOfNumber } from '@mica/policy'
import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import { extendRem, RSI_MEASUREMENT_EXTEND, RSI_MEASUREMENT_READ, RSI_UPLOAD_POLICY } from '../../src/abi/index.ts'
import { UPLOAD_RULES } from '../../src/mica/refusal.ts'
import { PAGE, RAM, ScriptedHost } from '../scripted-host.ts'
import { at, CODED, NIC_IPA, type Parts, Pipeline, RAW, ROLES, type Role } from './pipeline.ts'

const NOTHING = {
  'gate raw': '-',
  'encoder raw': '-',
  'encoder coded': '-',
  'moderator coded': '-',
  'moderator clean': '-',
  'gate clean': '-',
}
const BY_POLICY = {
  'gate raw': 'write',
  'encoder raw': 'read',
  'encoder coded': 'write',
  'moderator coded': 'read',
  'moderator clean': 'write',
  'gate clean': 'read',
}
const ORDERS: readonly (readonly Role[])[] = [
  ['gate', 'encoder', 'moderator'],
  ['gate', 'moderator', 'encoder'],
  ['encoder', 'gate', 'moderator'],
  ['encoder', 'moderator', 'gate'],
  ['moderator', 'gate', 'encoder'],
  ['moderator', 'encoder', 'gate'],
]

test('before a policy no channel is accessible', () => {
  expect(new Pipeline().access()).toEqual(NOTHING)
})

test.each(ORDERS)('a compatible set ends with the rights of the policies: %s, %s, %s', (...order) => {
  expect(new Pipeline().uploadAll(order).access()).toEqual(BY_POLICY)
})

test('data written at one end of a channel is read at the other', () => {
  const { realms } = new Pipeline().uploadAll()
  const sent = Uint8Array.from({ length: 100 }, (_, i) => i)
  realms.gate.perform((cpu) => cpu.store(at(RAW) + PAGE - 50, sent))
  expect(realms.encoder.perform((cpu) => cpu.load(at(RAW) + PAGE - 50, 100)).value).toEqual(sent)
})

test('a policy is measured: REM[0] is H(0 || digest) of its blob', () => {
  const pipeline = new Pipeline()
  const blob = pipeline.blob('gate')
  pipeline.uploadAll()
  expect(pipeline.realms.gate.realm.rems[0]).toEqual(extendRem(new Uint8Array(32), sha256(blob), sha256))
})

test('the other measurements stay closed once a policy is frozen', () => {
  const { realms } = new Pipeline().uploadAll()
  for (const index of [1, 2, 3, 4]) expect(realms.encoder.call(RSI_MEASUREMENT_EXTEND, index, 8, 1)[0]).toBe(2n)
  expect(realms.encoder.call(RSI_MEASUREMENT_READ, 2)[1]).toBe(0n)
})

test('the measurement of the policy stays what it is even for a Realm that may measure on', () => {
  const pipeline = new Pipeline()
  const change = (parts: Parts): void => {
    parts.transitions.push({ peer: 1, class: 'call', action: 'allow', ranges: [[MEASURE, MEASURE]] })
  }
  for (const role of ROLES) expect(pipeline.upload(role, change)).toEqual([0, 0])
  const { encoder } = pipeline.realms
  const measured = encoder.realm.rems[0]
  expect(encoder.call(RSI_MEASUREMENT_EXTEND, 1, 8, 1)[0]).toBe(2n)
  expect(encoder.realm.rems[0]).toEqual(measured)
  expect(encoder.call(RSI_MEASUREMENT_EXTEND, 2, 8, 1)[0]).toBe(0n)
})

test('a Realm uploads once', () => {
  const pipeline = new Pipeline().uploadAll()
  expect(pipeline.realms.gate.call(RSI_UPLOAD_POLICY, RAM, 100)[0]).toBe(2n)
})

test('a Realm that asked for it ends with its first refused policy', () => {
  const host = new ScriptedHost()
  const realm = host.createRealm({ flags: 2n ** 63n, policyGranules: 1 })
  realm.queue.push({ job: (cpu) => cpu.smc([RSI_UPLOAD_POLICY, BigInt(RAM), 8n]), done: false })
  realm.enter()
  expect(realm.realm.state).toBe('system-off')
})

test('a Realm that another of its calls still waits for cannot upload', () => {
  const pipeline = new Pipeline()
  const { monitor } = pipeline.host.rmm
  const { encoder } = pipeline.realms
  const other = monitor.recAt(pipeline.realms.gate.rec)!
  // A second REC of the same Realm, in the middle of a host call.
  monitor.recs.set(-1, Object.assign(Object.create(other), { realm: encoder.realm, pending: { kind: 'retry-call' } }))
  expect(pipeline.upload('encoder')).toEqual([2, 0])
  monitor.recs.delete(-1)
  expect(pipeline.upload('encoder')).toEqual([0, 0])
})

test('an abort that another REC has put before the host has to be answered before the upload', () => {
  const pipeline = new Pipeline()
  const { monitor } = pipeline.host.rmm
  const { encoder } = pipeline.realms
  const other = monitor.recAt(pipeline.realms.gate.rec)!
  monitor.recs.set(
    -1,
    Object.assign(Object.create(other), { realm: encoder.realm, lastAbort: { esr: 0n, far: 0n, hpfar: 0n } }),
  )
  expect(pipeline.upload('encoder')).toEqual([2, 0])
  monitor.recs.delete(-1)
})

test('unprotected memory that no policy lists goes with the upload, and comes back nowhere else', () => {
  const pipeline = new Pipeline()
  const { gate, encoder } = pipeline.realms
  const page = pipeline.host.page()
  for (const realm of [gate, encoder]) expect(realm.mapUnprotected(page, NIC_IPA)).toEqual([0, 0])
  gate.mapUnprotected(page, NIC_IPA + PAGE)
  pipeline.uploadAll()
  expect(gate.can('write', NIC_IPA)).toBe(true)
  expect(gate.can('write', NIC_IPA + PAGE)).toBe(false)
  expect(gate.mapUnprotected(page, NIC_IPA + PAGE)).toEqual([1, 0])
  expect(encoder.mapUnprotected(page, NIC_IPA)).toEqual([1, 0])
})

/** One way in which an upload is wrong, and the rule that says so. */
interface Case {
  readonly name: string
  readonly role?: Role
  /** Who has a policy already; everybody else by default. */
  readonly before?: readonly Role[]
  readonly change?: (parts: Parts) => void
  readonly arrange?: (pipeline: Pipeline) => void
  readonly rule: string
}

const withRights = (parts: Parts, memory: number, mapping: number, rights: Rights): void => {
  const { mappings } = parts.memories[memory]!
  parts.memories[memory] = {
    ...parts.memories[memory]!,
    mappings: mappings.map((entry, index) => (index === mapping ? { ...entry, rights } : entry)),
  }
}

const CASES: readonly Case[] = [
  {
    name: 'the policy of another image',
    change: (parts) => {
      parts.self = 0
    },
    rule: 'self-rim-differs',
  },
  {
    name: 'a measurement made before the policy',
    arrange: ({ realms }) => void realms.encoder.call(RSI_MEASUREMENT_EXTEND, 1, 8, 1),
    rule: 'measured-before',
  },
  {
    name: 'unprotected memory of a peer that is no gateway',
    change: (parts) => {
      parts.memories[3] = { ...parts.memories[3]!, mappings: [{ peer: 1, rights: RIGHT.read, ipaGranule: 1 }] }
    },
    rule: 'self-not-gateway',
  },
  {
    name: 'a memory that the host has not mapped',
    change: (parts) => {
      const mappings = parts.memories[0]!.mappings.map((mapping) => ({ ...mapping, ipaGranule: RAW + 64 }))
      parts.memories.push({ ...parts.memories[0]!, name: 'extra', mappings })
    },
    rule: 'memory-not-covered',
  },
  {
    name: 'a shared mapping that the policy does not list',
    arrange: ({ host, realms }) => void host.share(1, [realms.encoder, at(CODED + 4)]),
    rule: 'mapping-unlisted',
  },
  {
    name: 'rights wider than the peer grants',
    change: (parts) => withRights(parts, 0, 1, RIGHT.read | RIGHT.write),
    rule: 'rights-wider',
  },
  {
    name: 'rights of a peer wider than it takes is no refusal, but wider than a strict view is',
    change: (parts) => withRights(parts, 1, 1, RIGHT.read | RIGHT.write),
    rule: 'strict-rights-wider',
  },
  {
    name: 'a memory of another name',
    change: (parts) => {
      parts.memories[0] = { ...parts.memories[0]!, name: 'other' }
    },
    rule: 'name-differs',
  },
  {
    name: 'a peer of another measurement',
    change: (parts) => {
      parts.peers[0] = { ...parts.peers[0]!, rims: [new Uint8Array(32).fill(9)] }
    },
    rule: 'peer-not-admitted',
  },
  {
    name: 'a transition that a strict peer does not list',
    change: (parts) => {
      parts.transitions.push({ peer: 1, class: 'call', action: 'allow', ranges: [[0xc400_0199, 0xc400_0199]] })
    },
    rule: 'strict-transition-wider',
  },
]

/** The answer, in registers of the guest, and the count of refusals. */
const REFUSAL = /\.guest\.|\.refusals /

describe('an upload is refused, and changes nothing, for', () => {
  test.each(CASES)('$name', ({ role = 'encoder', before, change, arrange, rule }) => {
    const pipeline = new Pipeline()
    pipeline.uploadAll(before ?? ROLES.filter((other) => other !== role))
    arrange?.(pipeline)
    const blob = pipeline.blob(role, change)
    // The guest's own store is no part of the upload.
    pipeline.realms[role].perform((cpu) => cpu.store(RAM + 2 * PAGE, blob))
    const state = machineState(pipeline.host, REFUSAL)
    const answer = pipeline.realms[role].call(RSI_UPLOAD_POLICY, RAM + 2 * PAGE, blob.length)
    const reason = Number(answer[1])
    const name = ruleOfNumber(reason) ?? Object.entries(UPLOAD_RULES).find(([, number]) => number === reason)?.[0]
    expect([Number(answer[0]), name]).toEqual([1, rule])
    expect(machineState(pipeline.host, REFUSAL)).toBe(state)
  })
})
