import { generateKeyPairSync } from 'node:crypto'
import { importJWK, jwtVerify, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import type { EcJwk, EcPrivateJwk } from '../../src/cose/key.ts'
import { earOf, earOfSet } from '../../src/ear/ear.ts'
import { signEar, verifyEar } from '../../src/ear/jwt.ts'
import { type Ear, readEar } from '../../src/ear/read.ts'
import { verifyTokenSet } from '../../src/set/verify-set.ts'
import type { Verdict } from '../../src/verdict.ts'
import { verify } from '../../src/verify.ts'
import { attester, withClaims } from '../attester.ts'
import { evidenceOf, groupBytes, membersOf, options } from '../group/pipeline.ts'
import { haveVectors, readVector, readVectorJson } from '../published-vectors.ts'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const KEY = pair.privateKey.export({ format: 'jwk' }) as unknown as EcPrivateJwk
const PUBLIC = pair.publicKey.export({ format: 'jwk' }) as unknown as EcJwk
const issuedAt = new Date('2026-11-21T12:00:00Z')
const verifier = { developer: 'somebody', build: '1' }
const verdict = verify(evidenceOf(groupBytes(membersOf())), options)

const parts = (ear: Ear): Record<string, string> =>
  Object.fromEntries(
    ear.parts.flatMap((part): [string, string][] => {
      if (part.kind === 'nested') return Object.entries(parts(part.ear)).map(([name, status]) => [`> ${name}`, status])
      return [[part.name, part.kind === 'appraisal' ? part.status : 'token']]
    }),
  )

describe('the result of a set of tokens', () => {
  const machine = attester()
  const challenge = new Uint8Array(64).fill(5)
  const token = (rim: number): Uint8Array =>
    machine.token(
      machine.platformClaims(),
      withClaims(machine.realmClaims(challenge), { 44238: new Uint8Array(32).fill(rim) }),
    )
  const judged = (...tokens: readonly Uint8Array[]) =>
    verifyTokenSet(tokens, {
      trustAnchors: [machine.trustAnchor],
      challenge,
      expectations: {},
      challenges: 'same',
      samePlatform: true,
    })
  const set = judged(token(1), token(2))
  const none = { CCA_SSD_PLATFORM: 'none', CCA_REALM: 'none' }

  test('is a JWT that jose verifies, with the parts of each token under its place, and one for the set', async () => {
    const jwt = await signEar(earOfSet(set, { verifier, issuedAt }), KEY)
    const { payload } = await jwtVerify(jwt, await importJWK({ ...PUBLIC }, 'ES256'))
    expect(payload).toMatchObject({ submods: { '1/CCA_REALM': { 'ear.veraison.annotated-evidence': {} } } })
    const reading = await verifyEar(jwt, PUBLIC)
    expect(reading.kind === 'ear' && parts(reading.ear)).toEqual({
      ...Object.fromEntries(
        Object.entries(none).flatMap(([name, is]) => [`0/${name}`, `1/${name}`].map((to) => [to, is])),
      ),
      MICA_SET: 'affirming',
    })
  })

  test('nests the result of each token under its place in the current draft, and jose verifies it too', async () => {
    const jwt = await signEar(earOfSet(set, { verifier, issuedAt, form: 'draft-04' }), KEY)
    const { payload } = await jwtVerify(jwt, await importJWK({ ...PUBLIC }, 'ES256'))
    expect(payload).toMatchObject({ ear_status: 'none', submods: { 0: { ear_status: 'none' } } })
    const reading = await verifyEar(jwt, PUBLIC)
    expect(reading).toMatchObject({
      kind: 'ear',
      ear: { parts: [{ kind: 'nested', name: '0' }, { kind: 'nested', name: '1' }, { name: 'MICA_SET' }] },
    })
  })

  test('condemns the set alone where its members are good and one Realm is two of them', () => {
    const named = machine.token(
      machine.platformClaims(),
      withClaims(machine.realmClaims(challenge), { 256: Uint8Array.of(1, ...new Uint8Array(32)) }),
    )
    const status = (claims: unknown): string | undefined => {
      const reading = readEar(claims)
      return reading.kind === 'ear' ? parts(reading.ear)['MICA_SET'] : undefined
    }
    expect(status(earOfSet(judged(named, named), { verifier, issuedAt }))).toBe('contraindicated')
    expect(status(earOfSet(judged(token(1), token(1)), { verifier, issuedAt }))).toBe('none')
    expect(status(earOfSet({ members: [] }, { verifier, issuedAt }))).toBeUndefined()
  })
})

describe('a result that is signed', () => {
  test('is a JWT that jose verifies, with one part for the platform, one for the group and one for each member', async () => {
    const jwt = await signEar(earOf(verdict, { verifier, issuedAt }), KEY)
    const { payload, protectedHeader } = await jwtVerify(jwt, await importJWK({ ...PUBLIC }, 'ES256'))
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'JWT' })
    expect(payload).toMatchObject({ eat_profile: 'tag:github.com,2023:veraison/ear', iat: 1795262400 })
    const reading = await verifyEar(jwt, PUBLIC)
    expect(reading).toMatchObject({ kind: 'ear', ear: { verifier, issuedAt: 1795262400 } })
    expect(reading.kind === 'ear' && parts(reading.ear)).toEqual({
      CCA_SSD_PLATFORM: 'affirming',
      MICA_GROUP: 'affirming',
      ...Object.fromEntries(memberNames(verdict).map((name) => [name, 'affirming'])),
    })
  })

  test('nests the group with its members where the current draft is asked for, and jose verifies it too', async () => {
    const jwt = await signEar(earOf(verdict, { verifier, issuedAt, form: 'draft-04' }), KEY)
    await jwtVerify(jwt, await importJWK({ ...PUBLIC }, 'ES256'))
    const reading = await verifyEar(jwt, PUBLIC)
    expect(reading).toMatchObject({ kind: 'ear', ear: { profile: 'tag:ietf.org,2026:rats/ear#04' } })
    expect(reading.kind === 'ear' && parts(reading.ear)).toEqual({
      CCA_SSD_PLATFORM: 'affirming',
      '> MICA_GROUP': 'affirming',
      ...Object.fromEntries(memberNames(verdict).map((name) => [`> ${name}`, 'affirming'])),
    })
  })

  test('answers its nonce, and no other', async () => {
    const nonce = new Uint8Array(32).fill(0xfb)
    const jwt = await signEar(earOf(verdict, { verifier, issuedAt, nonce }), KEY)
    expect(await verifyEar(jwt, PUBLIC, { nonce })).toMatchObject({ kind: 'ear' })
    expect(await verifyEar(jwt, PUBLIC, { nonce: nonce.slice(1) })).toEqual({
      kind: 'refused',
      reason: 'it answers another nonce',
    })
    expect(() => earOf(verdict, { verifier, issuedAt, nonce: nonce.slice(0, 7) })).toThrow(RangeError)
  })

  test('expires, and is refused under any other key, algorithm or byte', async () => {
    const expiresAt = new Date('2026-11-21T12:05:00Z')
    const claims = earOf(verdict, { verifier, issuedAt, expiresAt })
    const jwt = await signEar(claims, KEY)
    const refused = { kind: 'refused', reason: 'the result is expired, or not signed by this key' }
    expect(await verifyEar(jwt, PUBLIC, { at: issuedAt })).toMatchObject({ kind: 'ear' })
    expect(await verifyEar(jwt, PUBLIC, { at: new Date('2026-11-21T12:06:00Z') })).toEqual(refused)
    const at = issuedAt
    expect(await verifyEar(new UnsecuredJWT({ ...claims }).encode(), PUBLIC, { at })).toEqual(refused)
    const mac = await new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256' }).sign(new Uint8Array(32))
    expect(await verifyEar(mac, PUBLIC, { at })).toEqual(refused)
    for (const bad of ['', '.', '..', 'a.b.c', jwt.slice(1), `${jwt}.`, jwt.replace('.', '..')])
      expect(await verifyEar(bad, PUBLIC, { at })).toEqual(refused)
    await expect(signEar(claims, { ...KEY, crv: 'P-521' })).rejects.toThrow(TypeError)
  })
})

describe('a rejected group', () => {
  const challenge = new Uint8Array(64)

  test('is contraindicated in everything when the chain is broken', () => {
    const stale = verify(evidenceOf(groupBytes(membersOf())), { ...options, challenge })
    expect(stale.submodules).toMatchObject([{ name: 'ARM_CCA', status: 'contraindicated', vector: { hardware: 99 } }])
  })

  test('affirms neither the group nor the member that is not who it should be', () => {
    const [[name] = expect.fail(), ...others] = [...options.expectations.peers]
    const peers = new Map([[name, [new Uint8Array(32)]], ...others])
    const wrong = verify(evidenceOf(groupBytes(membersOf())), {
      ...options,
      diagnostics: 'all',
      expectations: { ...options.expectations, peers },
    })
    const status = new Map(wrong.submodules.map((part) => [part.name, part.status]))
    expect(status.get('MICA_GROUP')).toBe('contraindicated')
    expect(status.get(`MICA_REALM/${name}`)).toBe('contraindicated')
    expect(status.get('CCA_SSD_PLATFORM')).toBe('affirming')
  })

  test('is not affirmed on firmware that is not known to enforce policies', () => {
    const { endorsements } = options
    const platforms = endorsements!.platforms.map((platform) => ({
      ...platform,
      components: platform.components.map(({ enforces: _, ...component }) => component),
    }))
    const unknown = verify(evidenceOf(groupBytes(membersOf())), {
      ...options,
      diagnostics: 'all',
      endorsements: { ...endorsements!, platforms },
    })
    const [platform, group, ...members] = unknown.submodules
    expect(platform?.status).toBe('affirming')
    expect(group).toMatchObject({
      name: 'MICA_GROUP',
      status: 'contraindicated',
      vector: { executables: 33, configuration: 96 },
    })
    expect(members.length).toBeGreaterThan(0)
    for (const member of members) expect(member).toMatchObject({ status: 'warning', vector: { executables: 33 } })
    const first = verify(evidenceOf(groupBytes(membersOf())), {
      ...options,
      diagnostics: 'first',
      endorsements: { ...endorsements!, platforms },
    })
    expect(first.submodules).toEqual([platform, { ...group, vector: { ...group!.vector, 'instance-identity': 0 } }])
  })

  test('that cannot be opened is contraindicated, and its platform is not', () => {
    const claim = groupBytes(membersOf())
    const cut = verify(evidenceOf(claim.slice(0, -1)), options)
    expect(cut.submodules.map(({ name, status }) => [name, status])).toEqual([
      ['CCA_SSD_PLATFORM', 'affirming'],
      ['MICA_GROUP', 'contraindicated'],
    ])
  })
})

test('a result whose status is better than its vector is refused, and so is anything that is no result', () => {
  const claims = (part: unknown) => ({
    eat_profile: 'tag:github.com,2023:veraison/ear',
    iat: 1,
    'ear.verifier-id': verifier,
    submods: { a: part },
  })
  const appraisal = (status: string, vector: object) => ({ 'ear.status': status, 'ear.trustworthiness-vector': vector })
  expect(readEar(claims(appraisal('affirming', { hardware: 2 }))).kind).toBe('ear')
  expect(readEar(claims(appraisal('none', { hardware: 2 }))).kind).toBe('ear')
  for (const bad of [
    appraisal('affirming', { hardware: 32 }),
    appraisal('warning', { hardware: -97 }),
    appraisal('none', { hardware: 96 }),
    appraisal('good', {}),
    appraisal('affirming', { hardware: 200 }),
    appraisal('affirming', { hardware: 2.5 }),
    appraisal('affirming', { software: 2 }),
    ['JWT'],
    7,
  ])
    expect(readEar(claims(bad)).kind).toBe('refused')
  let nested: unknown = appraisal('affirming', {})
  for (let i = 0; i < 10_000; i++) nested = claims(nested)
  expect(readEar(nested)).toEqual({ kind: 'refused', reason: 'results are nested too deep' })
  for (const bad of [null, [], {}, { ...claims(7), submods: {} }, { ...claims(7), eat_profile: 'other' }])
    expect(readEar(bad).kind).toBe('refused')
})

describe.skipIf(!haveVectors)('published results (skipped where their folder is absent)', () => {
  const jwt = (path: string): string => new TextDecoder().decode(readVector(`attestation/${path}`)).trim()
  const key = (path: string) => readVectorJson(`attestation/${path}`)
  const TEST_KEY = 'ear/jwt/arc_testPKey.json'

  test('those of the Veraison project are read with its key, but not the one with alg none', async () => {
    for (const name of ['ear_test_go_L173', 'test_vars_go_L36'])
      expect(await verifyEar(jwt(`ear/jwt/${name}.jwt`), key(TEST_KEY))).toMatchObject({ kind: 'ear' })
    expect(await verifyEar(jwt('ear/jwt/ear_test_go_L202.jwt'), key(TEST_KEY))).toMatchObject({ kind: 'refused' })
    expect(await verifyEar(jwt('ear/jwt/test_vars_go_L36.jwt'), PUBLIC)).toMatchObject({ kind: 'refused' })
  })

  test("Trustee's is read with the key that it brings, once a caller chooses to believe that key", async () => {
    const text = jwt('ear/jwt/test_vars_go_L40.jwt')
    const { jwk } = JSON.parse(Buffer.from(text.split('.')[0]!, 'base64url').toString())
    expect(await verifyEar(text, jwk, { at: new Date('2025-07-09T11:06:00Z') })).toMatchObject({
      kind: 'ear',
      ear: { parts: [{ name: 'cpu0', status: 'affirming', vector: { hardware: 2, executables: 3 } }] },
    })
    expect(await verifyEar(text, jwk)).toMatchObject({ kind: 'refused' })
    expect(await verifyEar(text, key(TEST_KEY), { at: new Date(0) })).toMatchObject({ kind: 'refused' })
  })

  test('one of a profile of its own is read when the profile is named', async () => {
    const [text, testKey] = [jwt('rust-ear/jwt/lib_rs_L65.jwt'), key('rust-ear/ec_key_pub.jwk')]
    expect(await verifyEar(text, testKey, { profiles: ['test'] })).toMatchObject({ kind: 'ear' })
    expect(await verifyEar(text, testKey)).toEqual({ kind: 'refused', reason: '`eat_profile` is unknown' })
  })

  test('claims sets are read unsigned', () => {
    for (const name of ['ear-claims', 'ear-claims-tv-ok', 'ear-claims-key-attestation-ok', 'jwt/arc_testMiniClaimsSet'])
      expect(readEar(key(`ear/${name}.json`)).kind).toBe('ear')
    expect(readEar(key('ear/jwt/arc_testEmptyClaimsSet.json')).kind).toBe('refused')
  })
})

function memberNames(group: Verdict): readonly string[] {
  const claims = group.kind === 'accepted' ? group.claims : expect.fail('rejected')
  return claims.kind === 'group' ? claims.group.members.map(({ label }) => `MICA_REALM/${label}`) : expect.fail()
}
