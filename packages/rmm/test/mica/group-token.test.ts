import { SIMULATED_ROOT_OF_TRUST } from '@mica/hw-sim'
import { decodeBlob, decodeGroup, type Group } from '@mica/policy'
import { type CborValue, decodeCbor, encodeCbor } from '@mica/policy/cbor'
import { p384 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { expect, test } from 'vitest'
import {
  RSI_ATTEST_TOKEN_CONTINUE_GROUP,
  RSI_ATTEST_TOKEN_INIT_GROUP,
  RSI_ERROR_STATE,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { PAGE, RAM, ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'
import { Pipeline, ROLES, type Role } from './pipeline.ts'

/** Reads a whole group token, `size` bytes at a time. */
function groupToken(realm: ScriptedRealm, challenge: bigint, size = PAGE): Uint8Array {
  const init = realm.call(RSI_ATTEST_TOKEN_INIT_GROUP, ...Array.from({ length: 8 }, () => challenge))
  expect(init[0]).toBe(0n)
  const token: number[] = []
  for (;;) {
    const { value } = realm.perform(function* (cpu) {
      const x = yield* cpu.smc([RSI_ATTEST_TOKEN_CONTINUE_GROUP, BigInt(RAM), 0n, BigInt(size)])
      return { status: x[0], part: yield* cpu.load(RAM, Number(x[1])) }
    })
    token.push(...value!.part)
    if (value!.status === 0n) break
    expect(value!.status).toBe(3n)
  }
  expect(token.length).toBeLessThanOrEqual(Number(init[1]))
  return Uint8Array.from(token)
}

const decode = (bytes: Uint8Array, deterministic = true): CborValue => {
  const decoding = decodeCbor(bytes, { deterministic })
  if (decoding.kind === 'malformed') throw new Error(decoding.reason)
  return decoding.value
}

/** Splits COSE_Sign1 and checks its signature. */
function verified(bytes: Uint8Array, key: Uint8Array): ReadonlyMap<number, CborValue> {
  const { tag, value } = decode(bytes) as { tag: number; value: Uint8Array[] }
  expect(tag).toBe(18)
  const [header, , payload, signature] = value as [Uint8Array, unknown, Uint8Array, Uint8Array]
  const signed = encodeCbor(['Signature1', header, new Uint8Array(0), payload])
  expect(p384.verify(signature, signed, key, { lowS: false })).toBe(true)
  return decode(payload, false) as ReadonlyMap<number, CborValue>
}

const point = (x: Uint8Array, y: Uint8Array): Uint8Array => Uint8Array.of(4, ...x, ...y)

/** The claims of a group token, after every signature and the binding of the two halves have been checked. */
function open(token: Uint8Array): { claims: ReadonlyMap<number, CborValue>; group: Group } {
  const { tag, value } = decode(token) as { tag: number; value: ReadonlyMap<number, readonly [number, Uint8Array]> }
  expect(tag).toBe(907)
  const [platformType, platform] = value.get(44234)!
  const [statementType, statement] = value.get(44241)!
  expect([platformType, statementType]).toEqual([263, 263])
  const { x, y } = SIMULATED_ROOT_OF_TRUST.cpak
  const cpak = point(Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url'))
  const platformClaims = verified(platform, cpak)
  const unverified = decode((decode(statement) as unknown as { value: Uint8Array[] }).value[2]!, false)
  const rak = (unverified as ReadonlyMap<number, Uint8Array>).get(44237)!
  expect(platformClaims.get(10)).toEqual(sha256(rak))
  const coseKey = decode(rak) as ReadonlyMap<number, Uint8Array>
  const claims = verified(statement, point(coseKey.get(-2)!, coseKey.get(-3)!))
  const decoding = decodeGroup(claims.get(-75010) as Uint8Array)
  if (decoding.kind === 'refused') throw new Error(decoding.fact.rule)
  return { claims, group: decoding.group }
}

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
