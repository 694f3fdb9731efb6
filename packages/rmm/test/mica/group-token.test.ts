import { decodeBlob } from '@mica/policy'
import { encodeCbor } from '@mica/policy/cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import { expect, test } from 'vitest'
import {
  RSI_ATTEST_TOKEN_CONTINUE_GROUP,
  RSI_ATTEST_TOKEN_INIT_GROUP,
  RSI_ERROR_STATE,
  RSI_MICA_LEAVE,
  RSI_MICA_REJOIN,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { PAGE, RAM, ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'
import { groupToken, open } from './group-evidence.ts'
import { Pipeline, ROLES, type Role } from './pipeline.ts'

test('a Realm without a policy has no group', () => {
  const { realms } = new Pipeline()
  expect(realms.gate.call(RSI_ATTEST_TOKEN_INIT_GROUP)[0]).toBe(2n)
  expect(realms.gate.call(RSI_ATTEST_TOKEN_CONTINUE_GROUP, RAM, 0, PAGE)[0]).toBe(2n)
})

test('a group token names every member with its exact policy and every channel with its holders', () => {
  const pipeline = new Pipeline().uploadAll()
  const { claims, group } = open(groupToken(pipeline.realms.gate, 7n))
  expect(claims.get(265)).toBe('tag:mica,2026:group#1.0.0')
  expect(claims.get(10)).toEqual(Uint8Array.from({ length: 64 }, (_, i) => (i % 8 === 0 ? 7 : 0)))
  const blobs = new Set(group.members.map(({ blob }) => Buffer.from(blob).toString('hex')))
  expect(blobs).toEqual(new Set(ROLES.map((role) => Buffer.from(pipeline.blob(role)).toString('hex'))))
  expect(group.channels.map(({ holders }) => holders.length)).toEqual([2, 2, 2])
  const requester = group.members[claims.get(-75011) as number]!
  expect(requester.rim).toEqual(pipeline.realms.gate.rim)
})

test.each(ROLES)('the group is the same bytes when %s asks as when the gate does', (role: Role) => {
  const { realms } = new Pipeline().uploadAll()
  const ofGate = open(groupToken(realms.gate, 1n)).claims
  const ofRole = open(groupToken(realms[role], 2n, 512)).claims
  expect(ofRole.get(-75010)).toEqual(ofGate.get(-75010))
  expect(ofRole.get(10)).not.toEqual(ofGate.get(10))
})

test('nothing that is about one Realm stands outside the group', () => {
  const { claims } = open(groupToken(new Pipeline().uploadAll().realms.gate, 1n))
  expect([...claims.keys()]).toEqual([10, 265, 44237, 44240, -75010, -75011])
})

test('a Realm that nobody shares with is a group of itself', () => {
  const pipeline = new Pipeline()
  pipeline.upload('gate')
  const { group } = open(groupToken(pipeline.realms.gate, 1n))
  expect(group.members.map(({ blob }) => decodeBlob(blob).kind)).toEqual(['policy'])
})

test('what a group token says was fixed when it was asked for', () => {
  const pipeline = new Pipeline()
  pipeline.upload('gate')
  const { gate } = pipeline.realms
  expect(gate.call(RSI_ATTEST_TOKEN_INIT_GROUP)[0]).toBe(0n)
  pipeline.upload('encoder')
  const token = gate.perform(function* (cpu) {
    const x = yield* cpu.smc([RSI_ATTEST_TOKEN_CONTINUE_GROUP, BigInt(RAM), 0n, BigInt(PAGE)])
    return yield* cpu.load(RAM, Number(x[1]))
  }).value!
  expect(open(token).group.members).toHaveLength(1)
})

test('a group that readers would refuse is not signed: its policies expand to more than they take', () => {
  const pipeline = (groupExpandedBytes: number) =>
    new Pipeline(new ScriptedHost({ limits: { groupExpandedBytes } })).uploadAll().realms.gate
  const blobs = ROLES.reduce((total, role) => total + new Pipeline().blob(role).length, 0)
  expect(pipeline(blobs).call(RSI_ATTEST_TOKEN_INIT_GROUP)[0]).toBe(RSI_SUCCESS)
  const gate = pipeline(blobs - 1)
  expect(gate.call(RSI_ATTEST_TOKEN_INIT_GROUP)[0]).toBe(RSI_ERROR_STATE)
  expect(gate.call(RSI_ATTEST_TOKEN_CONTINUE_GROUP, RAM, 0, PAGE)[0]).toBe(RSI_ERROR_STATE)
})

test('a group of more members than the limit says is not signed', () => {
  for (const [groupMembers, status] of [
    [ROLES.length, RSI_SUCCESS],
    [ROLES.length - 1, RSI_ERROR_STATE],
  ] as const) {
    const { gate } = new Pipeline(new ScriptedHost({ limits: { groupMembers } })).uploadAll().realms
    expect(gate.call(RSI_ATTEST_TOKEN_INIT_GROUP)[0]).toBe(status)
  }
})

test('interrupts that arrive while a group token is signed and read change nothing in it, and show nothing', () => {
  const quiet = new Pipeline().uploadAll().realms.gate
  const disturbed = new Pipeline(new ScriptedHost({ quantum: 600 })).uploadAll().realms.gate
  expect(groupToken(disturbed, 5n, 700)).toEqual(groupToken(quiet, 5n))
  const exits = disturbed.host.events.filter(
    ({ event, rec }) => event === 'exit' && rec === `0x${disturbed.rec.toString(16)}`,
  )
  const shown = exits.slice(-3).map(({ class: kind, action, reason }) => [kind, action, reason])
  expect(shown).toEqual(shown.map(() => ['interrupt', 'scrub', 'IRQ']))
})

test('a chain head stands in the report from the first leave on, and says the same to whoever asks', () => {
  const { gate, encoder, moderator } = new Pipeline().uploadAll().realms
  const headOf = (realm: ScriptedRealm) => {
    const { group } = open(groupToken(gate, 1n))
    return group.members.find(({ rim }) => Buffer.from(rim).equals(realm.rim))!.chainHead
  }
  const chain = (...records: readonly number[][]) => {
    let head: Uint8Array = new Uint8Array(32)
    for (const record of records) head = sha256(Buffer.concat([head, encodeCbor(record)]))
    return head
  }
  expect([gate, encoder, moderator].map(headOf)).toEqual([undefined, undefined, undefined])
  const past = [
    [1, 0],
    [1, 1],
    [2, 0],
  ]
  encoder.call(RSI_MICA_LEAVE, 0)
  // The encoder is still led to, by way of the moderator.
  expect(headOf(encoder)).toEqual(chain(...past))
  encoder.call(RSI_MICA_REJOIN, 0)
  expect([gate, encoder, moderator].map(headOf)).toEqual([undefined, chain(...past, [1, 0]), undefined])
  const groups = [gate, encoder, moderator].map((realm) => open(groupToken(realm, 3n)).claims.get(-75010))
  expect(groups).toEqual([groups[0], groups[0], groups[0]])
})
