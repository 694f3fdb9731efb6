import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import { describe, expect, test } from 'vitest'
import { verifyToken } from '../../src/cca-token/verify.ts'
import { nobleSignatures } from '../../src/cose/ecdsa-noble.ts'
import type { Endorsements } from '../../src/endorsements/reference-values.ts'
import {
  attester,
  COMPONENTS,
  CONFIG,
  IMPLEMENTATION,
  p256Key,
  privateKey,
  publicJwk,
  sign1,
  withClaims,
} from '../attester.ts'

const a = attester()
const challenge = new Uint8Array(64).fill(7)
const options = { trustAnchors: [a.trustAnchor], challenge, expectations: {} }

const endorsements: Endorsements = {
  platforms: [{ implementationId: IMPLEMENTATION, config: { value: CONFIG }, components: COMPONENTS }],
  realms: [],
}

const judge = (evidence: Uint8Array, more: Partial<Parameters<typeof verifyToken>[1]> = {}): string[] => {
  const verdict = verifyToken(evidence, { ...options, diagnostics: 'all', ...more })
  return verdict.kind === 'accepted' ? [] : verdict.findings.map((one) => one.name)
}

const token = (
  platform: Readonly<Record<number, CborValue | undefined>> = {},
  realm: Readonly<Record<number, CborValue | undefined>> = {},
) => a.token(withClaims(a.platformClaims(), platform), withClaims(a.realmClaims(challenge), realm))

describe('the token of one Realm', () => {
  test('is accepted in both envelopes, with node:crypto and with noble', () => {
    for (const tag of [399, 907] as const) {
      const evidence = a.token(a.platformClaims(), a.realmClaims(challenge), tag)
      expect(judge(evidence)).toEqual([])
      expect(judge(evidence, { signatures: nobleSignatures })).toEqual([])
    }
  })

  test('says its policy digest where it has one, and is refused where that is no digest', () => {
    const digest = new Uint8Array(32).fill(9)
    expect(verifyToken(token({}, { [-75009]: digest }), options)).toMatchObject({
      claims: { realm: { policyDigest: digest } },
    })
    expect(judge(token({}, { [-75009]: new Uint8Array(31) }))).toEqual(['claims'])
  })

  test('is not accepted without a trust anchor for both implementation and instance', () => {
    const other = new Uint8Array(32)
    expect(judge(token(), { trustAnchors: [] })).toEqual(['no-trust-anchor'])
    expect(judge(token(), { trustAnchors: [{ ...a.trustAnchor, implementationId: other }] })).toEqual([
      'no-trust-anchor',
    ])
    expect(judge(token(), { trustAnchors: [{ ...a.trustAnchor, instanceId: Uint8Array.of(1, ...other) }] })).toEqual([
      'no-trust-anchor',
    ])
  })

  test('is not accepted under a revoked anchor, even when a valid one stands beside it', () => {
    expect(judge(token(), { trustAnchors: [a.trustAnchor, { ...a.trustAnchor, revoked: true }] })).toEqual(['revoked'])
  })

  test('is not accepted when the anchor is of another curve, or another key', () => {
    expect(judge(token(), { trustAnchors: [{ ...a.trustAnchor, key: publicJwk(p256Key()) }] })).toEqual([
      'alg-key-mismatch',
    ])
    expect(judge(token(), { trustAnchors: [{ ...a.trustAnchor, key: publicJwk(privateKey('other')) }] })).toEqual([
      'platform-signature',
    ])
  })

  test('shows every broken step when asked for all, and the first of them otherwise', () => {
    const evidence = token({ 10: new Uint8Array(32), 2395: 0x5000 })
    const more = { challenge: new Uint8Array(64), trustAnchors: [] }
    expect(judge(evidence, more)).toEqual(['no-trust-anchor', 'binding', 'freshness', 'lifecycle'])
    expect(judge(evidence, { ...more, diagnostics: 'first' })).toEqual(['no-trust-anchor'])
  })

  test('is not accepted for a challenge that is a prefix of its own', () => {
    expect(judge(token(), { challenge: challenge.slice(0, 32) })).toEqual(['freshness'])
  })

  test('is a group report in no way, and a report is no token', () => {
    expect(judge(token({}, { 265: 'tag:mica,2026:group#1.0.0' }))).toEqual(['profile'])
  })

  test('mixes profiles only as real firmware does, unless told otherwise', () => {
    const recent = { 265: 'tag:arm.com,2024:realm#2.0.0', 256: Uint8Array.of(1, ...new Uint8Array(32)), 44243: 0 }
    expect(judge(token({}, recent))).toEqual([])
    expect(judge(token({}, recent), { pairing: 'strict' })).toEqual(['profile-pair'])
    const newest = { ...recent, 265: 'tag:arm.com,2026:realm#2.0.0' }
    expect(judge(token({}, newest))).toEqual(['profile-pair'])
    expect(judge(token({}, newest), { pairing: 'off' })).toEqual([])
  })

  test('of direct mode is refused by its profile', () => {
    expect(judge(token({ 265: 'tag:arm.com,2026:cca_platform#2.0.0;direct' }))).toEqual(['profile'])
  })

  test('over the size limit is refused before it is parsed', () => {
    expect(verifyToken(new Uint8Array(65_537), options)).toMatchObject({
      findings: [{ name: 'malformed', detail: '65537 bytes are more than the limit of 65536' }],
    })
  })

  test('names instances of either half by identifiers of the one type that is allowed', () => {
    const other = new Uint8Array(33).fill(2)
    expect(judge(token({ 256: other }))).toEqual(['claims'])
    expect(judge(token({}, { 256: other }))).toEqual(['claims'])
  })

  test('names the client of its platform half where its profile asks for it, and no other than the monitor', () => {
    const recent = { 265: 'tag:arm.com,2024:cca_platform#2.0.0' }
    expect(judge(token({ ...recent, 2394: 1 }), { pairing: 'off' })).toEqual([])
    expect(judge(token({ ...recent, 2394: 2 }), { pairing: 'off' })).toEqual(['claims'])
    expect(judge(token(recent), { pairing: 'off' })).toEqual(['claims'])
    expect(judge(token({ 2394: 2 }))).toEqual([])
  })
})

describe('appraisal', () => {
  test('accepts the complete set of endorsed components in any order', () => {
    expect(judge(token(), { endorsements })).toEqual([])
    const reversed = {
      ...endorsements,
      platforms: [{ implementationId: IMPLEMENTATION, components: COMPONENTS.toReversed() }],
    }
    expect(judge(token(), { endorsements: reversed })).toEqual([])
  })

  test('refuses a component too many, one too few, and one by another signer unless told to overlook signers', () => {
    const reference = (components: typeof COMPONENTS): Endorsements => ({
      realms: [],
      platforms: [{ implementationId: IMPLEMENTATION, components }],
    })
    const extra = { type: 'EXTRA', measurement: new Uint8Array(32), signerId: new Uint8Array(32) }
    expect(judge(token(), { endorsements: reference([...COMPONENTS, extra]) })).toEqual(['platform-software'])
    expect(judge(token(), { endorsements: reference(COMPONENTS.slice(1)) })).toEqual(['platform-software'])
    const renamed = COMPONENTS.map((component) => ({ ...component, type: `not ${component.type}` }))
    expect(judge(token(), { endorsements: reference(renamed) })).toHaveLength(4)
    const other = reference(COMPONENTS.map((component) => ({ ...component, signerId: new Uint8Array(32) })))
    expect(judge(token(), { endorsements: other })).toHaveLength(4)
    expect(judge(token(), { endorsements: other, compat: ['signer-id'] })).toEqual([])
  })

  test('compares the configuration under its mask', () => {
    const platform = (value: Uint8Array, mask?: Uint8Array): Endorsements => ({
      realms: [],
      platforms: [{ implementationId: IMPLEMENTATION, config: { value, mask }, components: COMPONENTS }],
    })
    const other = Uint8Array.of(0xcf, 0xcf, 0xcf, 0)
    expect(judge(token(), { endorsements: platform(other) })).toEqual(['platform-config'])
    expect(judge(token(), { endorsements: platform(other, Uint8Array.of(255, 255, 255, 0)) })).toEqual([])
  })

  test('lets any of several references for one platform match', () => {
    const older = { implementationId: IMPLEMENTATION, components: COMPONENTS.slice(1) }
    expect(judge(token(), { endorsements: { platforms: [older, ...endorsements.platforms], realms: [] } })).toEqual([])
  })

  test('notes the absence of reference values, and does not fail for it', () => {
    const verdict = verifyToken(token(), options)
    expect(verdict.notes.map((note) => note.name)).toEqual(['no-reference-values', 'no-reference-values'])
  })

  test('refuses a lifecycle that is not secured; 0x40xx passes only with its switch', () => {
    for (const lifecycle of [0, 0x1000, 0x2fff, 0x4000, 0x5000, 0x6000, 0xffff]) {
      expect(judge(token({ 2395: lifecycle }))).toEqual(['lifecycle'])
    }
    expect(judge(token({ 2395: 0x4001 }), { compat: ['non-platform-debug'] })).toEqual([])
    expect(judge(token({ 2395: 0x30ff }))).toEqual([])
  })

  test('compares RIM, personalization value and REMs with what is expected', () => {
    const rim = new Uint8Array(32).fill(0x11)
    expect(judge(token(), { expectations: { rims: [new Uint8Array(32), rim] } })).toEqual([])
    expect(judge(token(), { expectations: { rims: [new Uint8Array(32)] } })).toEqual(['rim'])
    expect(judge(token(), { expectations: { rims: [] } })).toEqual(['rim'])
    expect(judge(token(), { expectations: { rpv: new Uint8Array(64).fill(1) } })).toEqual(['rpv'])
    expect(judge(token(), { expectations: { rems: [rim, rim, rim, rim] } })).toEqual(['rem'])
  })

  test('refuses a Realm that no endorsement knows, when there are endorsements of Realms', () => {
    const realms = [{ rim: new Uint8Array(32).fill(0x11), rpv: new Uint8Array(64).fill(1) }]
    expect(judge(token(), { endorsements: { platforms: [], realms } })).toEqual(['rpv'])
    expect(judge(token({}, { 44238: new Uint8Array(32) }), { endorsements: { platforms: [], realms } })).toEqual([
      'rim',
    ])
  })
})

test('a token signed with an algorithm that its key is not of is refused', () => {
  const es256 = encodeCbor(sign1(privateKey('rak'), encodeCbor(a.realmClaims(challenge)), new Map([[1, -7]])))
  const evidence = encodeCbor({
    tag: 399,
    value: new Map([
      [44234, encodeCbor(a.sign('platform', encodeCbor(a.platformClaims())))],
      [44241, es256],
    ]),
  })
  expect(judge(evidence)).toEqual(['rak'])
})

test('a raw key under a profile that says COSE_Key is accepted with a note', () => {
  const jwk = publicJwk(privateKey('rak'))
  const raw = Uint8Array.of(4, ...Buffer.from(jwk.x, 'base64url'), ...Buffer.from(jwk.y, 'base64url'))
  const { createHash } = process.getBuiltinModule('node:crypto')
  const binding = new Uint8Array(createHash('sha256').update(raw).digest())
  const verdict = verifyToken(token({ 10: binding }, { 44237: raw }), options)
  expect(verdict.kind).toBe('accepted')
  expect(verdict.notes.map((note) => note.name)).toContain('rak-encoding-vs-profile')
})
