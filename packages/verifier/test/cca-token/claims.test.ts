import { encodeCbor } from '@mica/policy/cbor'
import { describe, expect, test } from 'vitest'
import { readClaimsJson } from '../../src/cca-token/claims-json.ts'
import { type ClaimsReading, readPlatformClaims, readRealmClaims } from '../../src/cca-token/claims-set.ts'
import { attester, type Claims, withClaims } from '../attester.ts'

const a = attester()
const digest = new Uint8Array(32).fill(7)
const RECENT = { 265: 'tag:arm.com,2024:cca_platform#2.0.0', 2394: 1 }
const EXTENSION: Claims = new Map<number, Parameters<Claims['set']>[1]>([
  [1, 'sha-256'],
  [2, digest],
  [3, digest],
  [4, true],
  [5, 'spdm-1.2.0'],
  [6, digest],
  [7, 'cxl-type-3'],
  [8, 0],
])
const ROTPK: Claims = new Map<number, Parameters<Claims['set']>[1]>([
  [1, 'CM'],
  [2, 0],
  [3, 1],
  [4, digest],
])

const details = (reading: ClaimsReading<unknown>): readonly string[] =>
  reading.kind === 'claims' ? [] : reading.findings.map(({ detail }) => detail)
const platform = (entries: Parameters<typeof withClaims>[1] = {}): ClaimsReading<unknown> =>
  readPlatformClaims(encodeCbor(withClaims(a.platformClaims(), entries)))

test('claims sets are read without a signature around them', () => {
  expect(platform()).toMatchObject({ kind: 'claims', claims: { generation: '2023', lifecycle: 0x3003 } })
  expect(readRealmClaims(encodeCbor(a.realmClaims(new Uint8Array(64))))).toMatchObject({
    kind: 'claims',
    claims: { generation: '2023', hashAlgorithm: 'sha-256' },
  })
})

test('what is no claims set is refused, whatever its size', () => {
  expect(details(readPlatformClaims(Uint8Array.of(0x80)))).toEqual(['platform claims are not a map'])
  expect(details(readRealmClaims(Uint8Array.of(0xa1)))).toEqual(['realm claims: truncated at byte 1'])
  expect(details(readPlatformClaims(new Uint8Array(65_537)))[0]).toMatch(/more than the limit/)
})

describe('an optional platform claim', () => {
  const good = { 2403: digest, 2404: [EXTENSION], 2405: [ROTPK], 2406: [digest], 2407: digest }

  test('may be there, in either form that it has had', () => {
    expect(platform({ ...RECENT, ...good }).kind).toBe('claims')
    expect(platform({ ...RECENT, 2406: digest }).kind).toBe('claims')
  })

  test.each([
    ['manufacturing configuration', { 2403: new Uint8Array() }, '2403: empty'],
    ['extension of no entries', { 2404: [] }, '2404: not a list of entries'],
    ['extension', { 2404: [withClaims(EXTENSION, { 3: digest.slice(1) })] }, '2404: entry 0 claim 3: 31 bytes'],
    ['extension with SPDM', { 2404: [withClaims(EXTENSION, { 6: undefined })] }, '2404: entry 0 claim 6: missing'],
    [
      'extension with CXL memory',
      { 2404: [withClaims(EXTENSION, { 8: undefined })] },
      '2404: entry 0 claim 8: missing',
    ],
    ['encryption type', { 2404: [withClaims(EXTENSION, { 8: 3 })] }, '2404: entry 0 claim 8: not an unsigned'],
    ['key hash', { 2405: [withClaims(ROTPK, { 1: 'XM' })] }, '2405: entry 0 claim 1: neither CM nor DM'],
    ['peer signer', { 2406: [1] }, '2406: neither a byte string'],
    ['TPM binding', { 2407: 'x' }, '2407: not a byte string'],
  ])('has to be as its profile says: %s', (_, entries, reason) => {
    expect(details(platform({ ...RECENT, ...entries }))).toEqual([expect.stringContaining(reason)])
    // An older profile does not know the label, and a receiver passes over what it does not know.
    expect(platform(entries).kind).toBe('claims')
  })
})

test('a component says whether it was activated live, and who else signed it', () => {
  const component = new Map<number, Parameters<Claims['set']>[1]>([
    [2, digest],
    [5, digest],
    [7, true],
    [8, [digest]],
  ])
  expect(platform({ 2399: [component] })).toMatchObject({
    claims: { softwareComponents: [{ liveActivated: true, countersigners: [digest] }] },
  })
  expect(details(platform({ 2399: [withClaims(component, { 7: 1 })] }))).toHaveLength(1)
  expect(details(platform({ 2399: [withClaims(component, { 8: [] })] }))).toHaveLength(1)
})

describe('claims as JSON', () => {
  const b64 = (length: number, value = 1): string => Buffer.alloc(length, value).toString('base64')
  const realm = {
    'cca-realm-profile': 'tag:arm.com,2023:realm#1.0.0',
    'cca-realm-challenge': b64(64),
    'cca-realm-personalization-value': b64(64),
    'cca-realm-initial-measurement': b64(32),
    'cca-realm-extensible-measurements': [b64(32), b64(32), b64(32), b64(32)],
    'cca-realm-hash-algo-id': 'sha-256',
    'cca-realm-public-key': b64(97),
    'cca-realm-public-key-hash-algo-id': 'sha-256',
  }
  const firmware = {
    'cca-platform-profile': 'http://arm.com/CCA-SSD/1.0.0',
    'cca-platform-challenge': b64(32),
    'cca-platform-implementation-id': b64(32),
    'cca-platform-instance-id': b64(33),
    'cca-platform-config': b64(3),
    'cca-platform-lifecycle': 12_288,
    'cca-platform-sw-components': [{ 'measurement-value': b64(32), 'signer-id': b64(32), version: '1' }],
    'cca-platform-hash-algo-id': 'sha-256',
  }
  const read = (json: unknown): ClaimsReading<unknown> => readClaimsJson(JSON.stringify(json))

  test('are read one half at a time, or both', () => {
    expect(read(realm)).toMatchObject({ kind: 'claims', claims: { realm: { rim: new Uint8Array(32).fill(1) } } })
    expect(read(firmware)).toMatchObject({ kind: 'claims', claims: { platform: { lifecycle: 12_288 } } })
    expect(read({ 'cca-platform-token': firmware, 'cca-realm-delegated-token': realm })).toMatchObject({
      kind: 'claims',
      claims: { platform: { softwareComponents: [{ version: '1' }] }, realm: { generation: '2023' } },
    })
  })

  test.each([
    [[], 'claims are a JSON object'],
    [{ 'cca-realm-delegated-token': realm }, 'no object `cca-platform-token`'],
    [{ 'cca-platform-token': firmware }, 'no object `cca-realm-delegated-token`'],
    [{ ...realm, 'cca-realm-initial-measurement': `${b64(32).slice(0, -1)}` }, 'realm claim 44238: not a byte string'],
    [{ ...realm, 'cca-realm-extensible-measurements': b64(32) }, 'realm claim 44239: not an array of 4 digests'],
    [{ ...firmware, 'cca-platform-lifecycle': 1.5 }, 'platform claim 2395: not an unsigned integer up to 65535'],
    [{ ...firmware, 'cca-platform-sw-components': [1] }, 'platform claim 2399: component 0 is not as the profile says'],
    [{}, 'platform claim 265: missing'],
  ])('are refused with what is wrong: %j', (json, reason) => {
    expect(details(read(json))).toContain(reason)
  })

  test('are refused, not thrown at, when they are no JSON', () => {
    expect(details(readClaimsJson('{'))).toEqual(['claims are a JSON object'])
  })
})
