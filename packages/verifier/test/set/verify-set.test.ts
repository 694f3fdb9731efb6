import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import { expect, test } from 'vitest'
import { keyFromJwk } from '../../src/cose/key.ts'
import { derivedChallenge, type SetOptions, verifyTokenSet } from '../../src/set/verify-set.ts'
import { attester, type Claims, privateKey, publicJwk, sign1, withClaims } from '../attester.ts'

const a = attester()
const challenge = new Uint8Array(64).fill(9)
const id = (value: number): Uint8Array => Uint8Array.of(1, ...new Uint8Array(32).fill(value))
const named = (value: number): Claims =>
  withClaims(a.realmClaims(challenge), { 265: 'tag:arm.com,2024:realm#2.0.0', 256: id(value), 44243: 1 })
const token = (realm: Claims): Uint8Array => a.token(a.platformClaims(), realm)
const options: SetOptions = {
  trustAnchors: [a.trustAnchor],
  challenge,
  challenges: 'same',
  samePlatform: true,
  expectations: {},
}
const found = (tokens: readonly Uint8Array[], changes: Partial<SetOptions> = {}) => {
  const { kind, findings, members } = verifyTokenSet(tokens, { ...options, ...changes })
  return {
    kind,
    findings: findings.map(({ name, member }) => `${name} ${member}`),
    members: members.map((m) => m.kind),
  }
}

test('Realms with ids of their own are a set', () => {
  expect(found([token(named(1)), token(named(2))])).toEqual({
    kind: 'accepted',
    findings: [],
    members: ['accepted', 'accepted'],
  })
})

test('a Realm that speaks twice is no second member, whatever else it says the second time', () => {
  const again = token(withClaims(named(1), { 44235: new Uint8Array(64).fill(5) }))
  expect(found([token(named(1)), token(named(2)), again])).toMatchObject({
    kind: 'rejected',
    findings: ['set-duplicate 2'],
  })
})

test('Realms without ids that are alike are noted: nothing tells them apart', () => {
  const plain = token(a.realmClaims(challenge))
  expect(found([plain, plain])).toMatchObject({ kind: 'accepted', findings: ['set-uniqueness 1'] })
  const others = [{ 44238: new Uint8Array(32).fill(0x12) }, { 44235: new Uint8Array(64).fill(0x13) }]
  for (const other of others) {
    const tokens = [plain, token(withClaims(a.realmClaims(challenge), other))]
    expect(found(tokens)).toMatchObject({ kind: 'accepted', findings: [] })
  }
})

test('one Realm without an id can answer for two places, so derived challenges do not make two of it', () => {
  const answer = (place: number): Uint8Array => token(a.realmClaims(derivedChallenge(challenge, place)))
  expect(found([answer(0), answer(1)], { challenges: 'derived' })).toMatchObject({ findings: ['set-uniqueness 1'] })
})

test('no tokens are no set', () => {
  expect(found([])).toEqual({ kind: 'rejected', findings: ['malformed undefined'], members: [] })
})

test('one bad member rejects the set', () => {
  const stale = token(withClaims(named(2), { 10: new Uint8Array(64) }))
  expect(found([token(named(1)), stale])).toMatchObject({ kind: 'rejected', members: ['accepted', 'rejected'] })
})

test('with derived challenges each token answers for its own place', () => {
  const answer = (value: number, place: number): Uint8Array =>
    token(withClaims(named(value), { 10: derivedChallenge(challenge, place) }))
  const derived = { challenges: 'derived' } as const
  expect(found([answer(1, 0), answer(2, 1)], derived).kind).toBe('accepted')
  expect(found([answer(1, 1), answer(2, 0)], derived).members).toEqual(['rejected', 'rejected'])
  expect(found([answer(1, 0), answer(2, 1)]).kind).toBe('rejected')
})

/** A token of the same attester under other keys, and with other claims of the platform. */
function elsewhere(cpak: string, rak: string, platform: Parameters<typeof withClaims>[1] = {}): Uint8Array {
  const { x, y } = keyFromJwk(publicJwk(privateKey(rak)))!
  const rakBytes = encodeCbor(
    new Map<number, CborValue>([
      [1, 2],
      [-1, 2],
      [-2, x],
      [-3, y],
    ]),
  )
  const platformClaims = withClaims(a.platformClaims(), { 10: sha256(rakBytes), ...platform })
  const realmClaims = withClaims(named(2), { 44237: rakBytes })
  return encodeCbor({
    tag: 399,
    value: new Map([
      [44234, encodeCbor(sign1(privateKey(cpak), encodeCbor(platformClaims)))],
      [44241, encodeCbor(sign1(privateKey(rak), encodeCbor(realmClaims)))],
    ]),
  })
}

test('one platform means one instance, and one Realm attestation key on it', () => {
  const instanceId = id(0xee)
  const other = { ...a.trustAnchor, name: 'other', instanceId, key: publicJwk(privateKey('another platform')) }
  const trustAnchors = [a.trustAnchor, other]
  for (const second of [elsewhere('another platform', 'rak', { 256: instanceId }), elsewhere('cpak', 'another rak')]) {
    expect(found([token(named(1)), second], { trustAnchors })).toMatchObject({
      members: ['accepted', 'accepted'],
      findings: ['set-platform 1'],
    })
    expect(found([token(named(1)), second], { trustAnchors, samePlatform: false }).kind).toBe('accepted')
  }
})
